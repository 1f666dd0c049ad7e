import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { runCommand } from "../Command.ts"
import { type Ended, runConfined } from "../ConfinedProcess.ts"
import { certificatesFile, confine } from "../Confinement.ts"
import { diskWatch } from "../DiskWatch.ts"
import { proxyUrl } from "../EgressNamespace.ts"
import type { BuildStop } from "../explain/BuildFailure.ts"
import { explainImageBuild } from "../explain/ImageFailure.ts"
import { fileBytesMax } from "../Realisation.ts"
import type { DockerfileSettings } from "../recognise/Docker.ts"
import { readDockerfile, withoutFrontend } from "../recognise/Dockerfile.ts"
import { clientConfig } from "./clientConfig.ts"
import { emptied, type LayerCaches } from "./LayerCaches.ts"
import { Progress } from "./Progress.ts"
import { engineFailed, places, saveFailed, script } from "./script.ts"
import { imageUsers, openUserNamespace } from "./UserNamespace.ts"

/** An image to be built: the folder that it is built of, on this machine, and how. */
export interface ImagePlan {
  /** The folder's path in the repository; empty for all of it. */
  readonly folder: string
  readonly context: string
  readonly settings: DockerfileSettings
}

const noEngine = (detail: string) =>
  buildFailed(
    "no-builder",
    "This builder cannot build Dockerfiles.",
    "Ask the operator to look at the builder: it takes the Docker Engine, and user namespaces of the kernel.",
    { detail },
  )

const proxies = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].map(
  (name) => [name, proxyUrl] as const,
)

const buildArguments = ({ target, arguments: given }: DockerfileSettings): ReadonlyArray<string> => [
  ...["--tag=image", `--file=${places.dockerfile}/Dockerfile`, "--network=host", "--progress=plain"],
  // These few are not part of the image, nor of what a step is known again by.
  ...[...proxies, ...Object.entries(given)].map(([name, value]) => `--build-arg=${name}=${value}`),
  ...(target === null ? [] : [`--target=${target}`]),
  places.context,
]

/** The Dockerfile without what may have another program read it, and what says which files it does not see. */
const writeDockerfile = async (space: BuildSpace, plan: ImagePlan) => {
  const folder = join(space.folder, "dockerfile")
  await mkdir(folder)
  const file = join(plan.context, plan.settings.file)
  const text = await readFile(file, "utf8")
  await writeFile(join(folder, "Dockerfile"), withoutFrontend(text))
  await copyFile(`${file}.dockerignore`, join(folder, "Dockerfile.dockerignore")).catch(() => undefined)
  return { folder, dockerfile: readDockerfile(text) }
}

/** Only the client reads it: steps have neither its folders nor its processes. */
const writeLogin = async (space: BuildSpace) => {
  const login = join(space.folder, "login")
  await mkdir(login, { mode: 0o700 })
  const config = clientConfig(space.assignment.registries ?? [])
  await writeFile(join(login, "config.json"), config, { mode: 0o600 })
  return login
}

/** The users inside are others than those who fetched the source. */
const handOver = (...folders: ReadonlyArray<string>) =>
  Effect.asVoid(
    runCommand(
      ["chown", "--recursive", "--no-dereference", `${imageUsers.first}:${imageUsers.first}`, ...folders],
      { seconds: 120 },
    ),
  )

const mirrorOptions = (mirror: string | null): string => {
  if (mirror === null) return ""
  const { host, protocol } = new URL(mirror)
  return `--registry-mirror ${mirror}${protocol === "http:" ? ` --insecure-registry http://${host}` : ""}`
}

const confinementOf = (space: BuildSpace, users: string, folders: Record<keyof typeof places, string>) => {
  const at = (name: keyof typeof places) => ({ from: folders[name], to: places[name] })
  return {
    as: "images" as const,
    network: space.network.path,
    users: { path: users, layers: places.data },
    writable: [at("data"), at("image")],
    readable: [at("context"), at("dockerfile"), at("login")],
    scratchBytes: space.assignment.limits.memoryBytes,
    fileBytes: fileBytesMax,
    addressBytes: null,
    environment: {
      ...Object.fromEntries(proxies),
      SSL_CERT_FILE: certificatesFile,
      DOCKER_BUILDKIT: "1",
      DOCKER_HOST: "unix:///tmp/docker.sock",
      DOCKER_CONFIG: places.login,
      // The plugin writes beside its client's configuration otherwise.
      BUILDX_CONFIG: "/tmp/buildx",
      XDG_RUNTIME_DIR: "/tmp",
      // Statements about the build come from the platform, which has seen it.
      BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
      ENGINE_OPTIONS: mirrorOptions(space.config.baseImageMirror),
    },
  }
}

const stopOf = (ended: Ended, outOfMemory: boolean): BuildStop | null => {
  if (ended.stopped === "time" || ended.stopped === "output") return ended.stopped
  return outOfMemory ? "memory" : null
}

/** Builds the image, in an engine of the build's own. Gives the folder that it was saved to. */
export const buildImage = (
  space: BuildSpace,
  plan: ImagePlan,
  caches: LayerCaches,
): Effect.Effect<string, BuildFailed> =>
  Effect.gen(function* () {
    const { limits } = space.assignment
    const users = yield* openUserNamespace
    if (users === null) return yield* noEngine("The kernel gives no user namespace.")
    const { folder, dockerfile } = yield* Effect.promise(() => writeDockerfile(space, plan))
    const image = join(space.folder, "image")
    yield* Effect.promise(() => mkdir(image))
    const login = yield* Effect.promise(() => writeLogin(space))
    yield* handOver(plan.context, folder, image, login)
    const data = yield* caches.open(space)
    const progress = new Progress(space)
    let stopped: BuildStop | null = null
    const watch = new AbortController()
    let stop = () => {}
    const until = new Promise<void>((resolve) => {
      stop = resolve
    })
    void diskWatch(data, space.config, watch.signal).then(() => {
      stopped ??= "disk"
      stop()
    })
    const before = yield* Effect.promise(() => space.group.memoryKills())
    const folders = { context: plan.context, dockerfile: folder, login, data, image }
    const ended = yield* runConfined(
      confine(space.host, confinementOf(space, users, folders), [
        ...["sh", "-c", script, "sh"],
        ...buildArguments(plan.settings),
      ]),
      {
        group: space.group,
        seconds: limits.buildSeconds,
        // BuildKit's own reports come on top of what the steps print.
        outputBytes: limits.logBytes * 4 + 64 * 1024 * 1024,
        until,
        onLine: (_, line) => {
          if (progress.read(line)) return
          stopped ??= "output"
          stop()
        },
      },
    ).pipe(Effect.ensuring(Effect.sync(() => watch.abort())))
    if (ended.exitCode === 0) return image
    const outOfMemory = (yield* Effect.promise(() => space.group.memoryKills())) > before
    stopped ??= stopOf(ended, outOfMemory)
    if (stopped === null && ended.exitCode === engineFailed) {
      // Whatever it stumbled over is not there for the next one.
      yield* emptied(data)
      return yield* noEngine(progress.messages.slice(-5).join("\n"))
    }
    return yield* explainImageBuild({
      dockerfile,
      file: plan.folder === "" ? plan.settings.file : `${plan.folder}/${plan.settings.file}`,
      step: progress.failed,
      registries: (space.assignment.registries ?? []).map(({ registry }) => registry),
      messages: progress.messages,
      events: space.egress.takeEvents(),
      isSaved: ended.exitCode !== saveFailed,
      stopped,
      limits,
    })
  }).pipe(Effect.scoped)
