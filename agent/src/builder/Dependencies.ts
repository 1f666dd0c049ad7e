import { Effect } from "effect"
import type { BuildSpace } from "./BuildSpace.ts"
import { runCommand } from "./Command.ts"
import type { Derivation } from "./Derivation.ts"
import { readGraph } from "./DerivationGraph.ts"
import type { PackageSource } from "./PackageSource.ts"
import { copyPaths, uploadEnvironment, uploadFileUrl } from "./Upload.ts"
import { invalidPaths, pathsAtOnce } from "./ValidPaths.ts"

/** Of one build; the nearest first. */
const dependenciesMost = 5000
const bytesMost = 2 * 1024 ** 3
/** Somebody waits for the build: what is left after so long comes with a later one. */
const copySeconds = 120
const sayMs = 20_000
/** `nix copy` sends one path after the other, and most are small. */
const copiesAtOnce = 4

interface Dependency {
  readonly path: string
  readonly bytes: number
}

const isFixed = ({ outputs }: Derivation) => outputs.some(({ fixed }) => fixed)

/** Reads `nix path-info --size --sigs`: a path, its bytes, and words of which signatures begin with a key's name. */
const parseDependencies = (
  text: string,
  isForeignKey: (name: string) => boolean,
): ReadonlyArray<Dependency> =>
  text.split("\n").flatMap((line) => {
    const [path = "", bytes = "", ...words] = line.split(/\s+/)
    const isForeign = words.some((word) => isForeignKey(word.split(":")[0]!))
    return path.startsWith("/nix/store/") && !isForeign ? [{ path, bytes: Number(bytes) }] : []
  })

/**
 * What a build has fetched by hashes that were known before, or has from the platform's cache: not what the package set
 * itself is made of, which other builders have as well, nor what its caches have.
 */
const findDependencies = (
  space: BuildSpace,
  { isOwnFile, substituters }: PackageSource,
  drvPath: string,
): Effect.Effect<ReadonlyArray<Dependency>> =>
  Effect.gen(function* () {
    const { derivations } = yield* Effect.promise(() => readGraph(drvPath, isFixed))
    const fetched = Array.from(derivations.values()).flatMap((derivation) =>
      isFixed(derivation) ? derivation.outputs.map(({ path }) => path) : [],
    )
    const own = fetched.filter((path) => path !== "" && !isOwnFile(path.slice("/nix/store/".length + 33)))
    const invalid = yield* invalidPaths(own)
    const here = own.filter((path) => !invalid.has(path)).slice(0, dependenciesMost)
    const foreign = new Set(substituters.map(({ key }) => key.split(":")[0]!))
    const found: Array<Dependency> = []
    for (let at = 0; at < here.length; at += pathsAtOnce) {
      const { stdout } = yield* runCommand(
        ["nix", "path-info", "--size", "--sigs", ...here.slice(at, at + pathsAtOnce)],
        { seconds: 60, environment: uploadEnvironment(space) },
      )
      found.push(...parseDependencies(stdout, (name) => foreign.has(name)))
    }
    return found
  })

/** Says what the build has used; gives what of it the platform does not have. Null: it does not say. */
const say = (target: string, paths: ReadonlyArray<string>): Effect.Effect<ReadonlySet<string> | null> =>
  Effect.promise(async (signal) => {
    try {
      const response = await fetch(uploadFileUrl(target, "dependencies"), {
        method: "PUT",
        body: paths.join("\n"),
        signal: AbortSignal.any([signal, AbortSignal.timeout(sayMs)]),
      })
      const text = await response.text()
      return response.ok ? new Set(text.split("\n")) : null
    } catch {
      return null
    }
  })

/** As many as there is room for; a large one does not keep those behind it. */
const withRoom = (dependencies: ReadonlyArray<Dependency>): ReadonlyArray<string> => {
  let left = bytesMost
  return dependencies.flatMap(({ path, bytes }) => {
    if (bytes > left) return []
    left -= bytes
    return [path]
  })
}

/**
 * Brings what a service's build has fetched to the platform, so that the next build may run on any builder, whatever
 * has become of where it was fetched from. A build is not worse without that: it never fails by it.
 */
export const uploadDependencies = (
  space: BuildSpace,
  source: PackageSource,
  drvPath: string,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (space.assignment.serviceId === undefined) return
    const used = yield* findDependencies(space, source, drvPath)
    if (used.length === 0) return
    const target = `${space.config.controlPlane}${space.assignment.uploadPath}`
    const paths = used.map(({ path }) => path)
    const missing = yield* say(target, paths)
    const uploaded = withRoom(used.filter(({ path }) => missing?.has(path)))
    if (uploaded.length === 0) return
    space.note(`uploading ${uploaded.length} of ${used.length} dependencies, for builds on other builders`)
    const shares = Array.from({ length: copiesAtOnce }, (_, share) =>
      uploaded.filter((_, index) => index % copiesAtOnce === share),
    ).filter((share) => share.length > 0)
    yield* Effect.forEach(shares, (share) => copyPaths(space, target, share, copySeconds), {
      concurrency: "unbounded",
      discard: true,
    })
    const still = yield* say(target, paths)
    const left = uploaded.filter((path) => still === null || still.has(path)).length
    if (left > 0) space.note(`${left} of them could not be uploaded; another builder would fetch them again`)
  })
