import { mkdir } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Data, Effect, Result } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { runCommand } from "./Command.ts"
import { nixSettings } from "./NixSettings.ts"

export interface Closure {
  readonly paths: ReadonlyArray<string>
  readonly bytes: number
}

const copySeconds = 900
const queryMs = 20_000
const queriesAtOnce = 16
/** How long a platform that does not answer is waited for. */
const patienceMs = 300_000

/** Of programs that upload. */
export const uploadEnvironment = (space: BuildSpace) => ({
  HOME: join(space.folder, "upload"),
  NIX_CONF_DIR: "/var/empty",
  NIX_CONFIG: nixSettings("copy", { buildSeconds: 0, silentSeconds: 0, logBytes: 0 }, availableParallelism()),
})

/** Reads `nix path-info --recursive --size`: a path and its NAR's size in bytes on each line. */
const parseSizes = (text: string): ReadonlyArray<readonly [path: string, bytes: number]> =>
  Array.from(text.matchAll(/^(\/nix\/store\/\S+)\s+(\d+)$/gm), (entry) => [entry[1]!, Number(entry[2])])

/** Store paths that are there, with everything they refer to. */
export const findSizes = (space: BuildSpace, storePaths: ReadonlyArray<string>) =>
  Effect.map(
    runCommand(["nix", "path-info", "--recursive", "--size", ...storePaths], {
      seconds: 60,
      environment: uploadEnvironment(space),
    }),
    ({ stdout }) => parseSizes(stdout),
  )

export const parseClosure = (text: string): Closure => {
  const sizes = parseSizes(text)
  return { paths: sizes.map(([path]) => path), bytes: sizes.reduce((sum, [, bytes]) => sum + bytes, 0) }
}

/** A store path with everything it refers to. */
export const findClosure = (space: BuildSpace, storePath: string): Effect.Effect<Closure> =>
  Effect.map(
    runCommand(["nix", "path-info", "--recursive", "--size", storePath], {
      seconds: 60,
      environment: uploadEnvironment(space),
    }),
    ({ stdout }) => parseClosure(stdout),
  )

/** `again`: the platform did not answer, or answered that it cannot now. */
export class UploadFailed extends Data.TaggedError("UploadFailed")<{
  readonly detail: string
  readonly again: boolean
}> {}

/** Where a file of the upload address is: the store URL's path without its parameters. */
export const uploadFileUrl = (uploadUrl: string, name: string): string => {
  const url = new URL(uploadUrl)
  return `${url.origin}${url.pathname.replace(/\/$/, "")}/${name}`
}

export const narInfoUrl = (uploadUrl: string, storePath: string): string =>
  uploadFileUrl(uploadUrl, `${storePath.slice("/nix/store/".length, "/nix/store/".length + 32)}.narinfo`)

/** What the platform says with a path that it has, and keeps for a while from now; null: it has no such path. */
export const askPath = (url: string): Effect.Effect<Headers | null, UploadFailed> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(queryMs)]) })
      await response.arrayBuffer()
      return response
    },
    catch: () => new UploadFailed({ detail: "The platform does not answer.", again: true }),
  }).pipe(
    Effect.flatMap(({ status, headers }) => {
      if (status === 200) return Effect.succeed(headers)
      if (status === 404) return Effect.succeed(null)
      return new UploadFailed({ detail: `The platform answered ${status}.`, again: status >= 500 })
    }),
  )

export const isMissing = (url: string): Effect.Effect<boolean, UploadFailed> =>
  Effect.map(askPath(url), (headers) => headers === null)

/** Reads what `nix copy` says when it fails; its address, which has the build's token, is taken out. */
export const explainCopy = (stderr: string): { readonly detail: string; readonly again: boolean } => {
  const line = stderr.split("\n").find((each) => each.includes("error:")) ?? ""
  return {
    detail: line.replaceAll(/'?https?:\/\/\S+/g, "…"),
    again:
      /HTTP error 5\d\d|unable to (?:download|upload).*(?:connect|reset|refused|empty|timed? ?out|transfer closed)|(?:Couldn't|Could not) connect|Connection (?:refused|reset)/i.test(
        stderr,
      ),
  }
}

/** Brings these paths, and nothing that they refer to, to the platform's upload address. */
export const copyPaths = (space: BuildSpace, target: string, paths: ReadonlyArray<string>, seconds: number) =>
  Effect.andThen(
    Effect.promise(() => mkdir(uploadEnvironment(space).HOME, { recursive: true })),
    runCommand(["nix", "copy", "--no-recursive", "--to", target, ...paths], {
      seconds,
      environment: uploadEnvironment(space),
    }),
  )

const uploadOnce = (space: BuildSpace, closure: Closure): Effect.Effect<void, UploadFailed> =>
  Effect.gen(function* () {
    const target = `${space.config.controlPlane}${space.assignment.uploadPath}`
    const missing = yield* Effect.filter(closure.paths, (path) => isMissing(narInfoUrl(target, path)), {
      concurrency: queriesAtOnce,
    })
    if (missing.length === 0)
      return space.note(`nothing to upload: the platform has all ${closure.paths.length} paths`)
    space.note(`uploading ${missing.length} of ${closure.paths.length} paths`)
    const ended = yield* copyPaths(space, target, missing, copySeconds)
    if (ended.exitCode === 124)
      return yield* new UploadFailed({
        detail: `It took longer than ${copySeconds / 60} minutes.`,
        again: false,
      })
    if (ended.exitCode !== 0) return yield* new UploadFailed(explainCopy(ended.stderr))
  })

/** A platform that does not answer is asked again for five minutes: it may be starting. */
export const patiently = <A>(
  space: BuildSpace,
  once: Effect.Effect<A, UploadFailed>,
): Effect.Effect<A, BuildFailed> =>
  Effect.gen(function* () {
    const deadline = Date.now() + patienceMs
    for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 5000)) {
      const result = yield* Effect.result(once)
      if (Result.isSuccess(result)) return result.success
      const { detail, again } = result.failure
      if (!again || Date.now() > deadline)
        return yield* buildFailed(
          "upload-failed",
          "What was built could not be brought to the platform.",
          "Deploy again; if it stays so, ask the operator.",
          { detail },
        )
      space.note("the platform does not answer; trying again")
      yield* Effect.sleep(pauseMs)
    }
  })

/**
 * Brings the closure to the platform. It asks for all paths at once and starts `nix copy` for those that are missing
 * only: `nix copy` itself takes four requests a path, one path after the other, also for those that are there.
 */
export const uploadClosure = (space: BuildSpace, closure: Closure): Effect.Effect<void, BuildFailed> =>
  patiently(space, uploadOnce(space, closure))
