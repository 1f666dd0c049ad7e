import { createHash } from "node:crypto"
import { lstat, mkdir, readdir, rm } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { parseImageReference } from "@skypanel/contract/image/ImageReference"
import { Effect, Result, type Scope } from "effect"
import type { Build } from "./Build.ts"
import type { BuilderConfig } from "./BuilderConfig.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import type { Host } from "./Confinement.ts"
import { openControlGroup, sweepControlGroups } from "./ControlGroup.ts"
import { openEgressNamespace } from "./EgressNamespace.ts"
import { closedPolicy, destinationOf, type EgressPolicy } from "./EgressPolicy.ts"
import { openEgressProxy } from "./EgressProxy.ts"
import { type EvaluationStores, sweepEvaluationStores } from "./EvaluationStores.ts"
import { imageBytesMost } from "./image/imageLimits.ts"
import { sweepLeftovers } from "./Leftovers.ts"

/** Threads count too: compilers and Node.js have several a core. */
export const processesMax = 512 + 64 * availableParallelism()

/** Several agents may share a machine: each has its own parent group. */
export const groupParent = (config: BuilderConfig) =>
  `skypanel-builder-${createHash("sha256").update(config.dataFolder).digest("hex").slice(0, 8)}`

const buildsFolder = (config: BuilderConfig) => join(config.dataFolder, "builds")

/** In memory: the credentials of customers' repositories are on no disk, whenever the machine loses its power. */
const secretsFolder = (config: BuilderConfig) => join("/dev/shm", groupParent(config))

/** Everybody may make a folder there. */
const isOurs = (folder: string) =>
  lstat(folder).then(
    (stat) => stat.isDirectory() && stat.uid === process.getuid?.(),
    () => false,
  )

const makeSecretsFolder = async (folder: string) => {
  await mkdir(folder, { mode: 0o700 }).catch(() => undefined)
  if (!(await isOurs(folder))) throw new Error(`${folder} is somebody else's, or no folder`)
}

const removed = (folder: string) =>
  Effect.promise(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

/**
 * What fetching an image may reach: the registry's own port, and where it sends on to. A registry of this machine or its
 * network only where development allows that, and nothing else there.
 */
const imagePolicy = (config: BuilderConfig, reference: string, bytes: number): EgressPolicy => {
  const parsed = parseImageReference(reference, { allowPrivate: config.allowPrivateGit })
  if (Result.isFailure(parsed)) return closedPolicy
  const { registry } = parsed.success
  const url = new URL(`https://${registry}`)
  const port = url.port === "" ? 443 : Number(url.port)
  return {
    ...closedPolicy,
    ports: new Set([443, port]),
    exceptions: new Set(config.allowPrivateGit ? [destinationOf(url.href)] : []),
    // Manifests, configuration and what is asked for again come on top.
    receivedMax: 2 * bytes + 64 * 1024 ** 2,
  }
}

/** Before the first fetch of a Git source says where it goes. */
const firstPolicy = (config: BuilderConfig, { assignment: { source, limits } }: Build): EgressPolicy =>
  source._tag === "image" ? imagePolicy(config, source.reference, imageBytesMost(limits)) : closedPolicy

/** A space for one build; closing the scope ends every process in it and removes it. */
export const openBuildSpace = (
  config: BuilderConfig,
  host: Host,
  stores: EvaluationStores,
  build: Build,
): Effect.Effect<BuildSpace, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { assignment } = build
    const folder = join(buildsFolder(config), build.id)
    const secrets = join(secretsFolder(config), build.id)
    const socketFolder = join(folder, "egress")
    yield* Effect.acquireRelease(
      Effect.andThen(
        removed(folder),
        Effect.promise(async () => {
          await mkdir(socketFolder, { recursive: true })
          await makeSecretsFolder(secretsFolder(config))
        }),
      ),
      () => Effect.andThen(removed(secrets), removed(folder)),
    )
    const evaluationStore = yield* stores.open(assignment.organizationId)
    const [egress, network, group] = yield* Effect.all(
      [
        openEgressProxy(socketFolder, firstPolicy(config, build)),
        openEgressNamespace(socketFolder),
        openControlGroup(groupParent(config), build.id, {
          memoryBytes: assignment.limits.memoryBytes,
          processes: processesMax,
          cores: availableParallelism(),
        }),
      ],
      { concurrency: "unbounded" },
    )
    return {
      assignment,
      config,
      host,
      folder,
      secrets,
      group,
      egress,
      network,
      evaluationStore,
      sawCommit: (commit) => {
        build.commit = commit
      },
      sawHostKeys: (lines) => {
        if (lines.length > 0) build.hostKeys = lines
      },
      sawLearned: (learned) => {
        build.learned = learned
      },
      // A check has no log that anybody could read.
      note: (text) => void (assignment.check === true || build.log.add("note", text)),
      line: (stream, text) => assignment.check === true || build.log.add(stream, text),
    }
  })

/** Removes what builds of an agent that was killed have left: their processes and folders. */
export const sweepBuilds = (config: BuilderConfig): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* sweepControlGroups(groupParent(config))
    yield* sweepEvaluationStores(config)
    yield* sweepLeftovers
    const secrets = secretsFolder(config)
    if (yield* Effect.promise(() => isOurs(secrets))) yield* removed(secrets)
    const names = yield* Effect.promise(() => readdir(buildsFolder(config)).catch(() => []))
    yield* Effect.forEach(names, (name) => removed(join(buildsFolder(config), name)), { discard: true })
  })
