import { mkdir } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
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

const environment = (space: BuildSpace) => ({
  HOME: join(space.folder, "upload"),
  NIX_CONF_DIR: "/var/empty",
  NIX_CONFIG: nixSettings("copy", { buildSeconds: 0, silentSeconds: 0, logBytes: 0 }, availableParallelism()),
})

/** Reads `nix path-info --recursive --size`: a path and its NAR's size in bytes on each line. */
export const parseClosure = (text: string): Closure => {
  const entries = [...text.matchAll(/^(\/nix\/store\/\S+)\s+(\d+)$/gm)]
  return {
    paths: entries.map((entry) => entry[1]!),
    bytes: entries.reduce((sum, entry) => sum + Number(entry[2]), 0),
  }
}

/** A store path with everything it refers to. */
export const findClosure = (space: BuildSpace, storePath: string): Effect.Effect<Closure> =>
  Effect.map(
    runCommand(["nix", "path-info", "--recursive", "--size", storePath], {
      seconds: 60,
      environment: environment(space),
    }),
    ({ stdout }) => parseClosure(stdout),
  )

const failed = (detail: string, retry = true) =>
  buildFailed(
    "upload-failed",
    "What was built could not be brought to the platform.",
    retry ? "Deploy again; if it stays so, ask the operator." : "Ask the operator.",
    { detail },
  )

/** Where a narinfo of the upload address is: the store URL's path without its parameters. */
export const narInfoUrl = (uploadUrl: string, storePath: string): string => {
  const url = new URL(uploadUrl)
  const hash = storePath.slice("/nix/store/".length, "/nix/store/".length + 32)
  return `${url.origin}${url.pathname.replace(/\/$/, "")}/${hash}.narinfo`
}

const isMissing = (url: string): Effect.Effect<boolean, BuildFailed> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(queryMs)]) })
      await response.arrayBuffer()
      if (response.ok) return false
      if (response.status === 404) return true
      throw new Error(`it answered ${response.status}`)
    },
    catch: (error) => failed(error instanceof Error ? error.message : "it does not answer"),
  })

/**
 * Brings the closure to the platform. It asks for all paths at once and starts `nix copy` for those that are missing
 * only: `nix copy` itself takes four requests a path, one path after the other, also for those that are there.
 */
export const uploadClosure = (space: BuildSpace, closure: Closure): Effect.Effect<void, BuildFailed> =>
  Effect.gen(function* () {
    const target = `${space.config.controlPlane}${space.assignment.uploadPath}`
    const missing = yield* Effect.filter(closure.paths, (path) => isMissing(narInfoUrl(target, path)), {
      concurrency: queriesAtOnce,
    })
    if (missing.length === 0)
      return space.note(`nothing to upload: the platform has all ${closure.paths.length} paths`)
    space.note(`uploading ${missing.length} of ${closure.paths.length} paths`)
    yield* Effect.promise(() => mkdir(environment(space).HOME, { recursive: true }))
    const ended = yield* runCommand(["nix", "copy", "--no-recursive", "--to", target, ...missing], {
      seconds: copySeconds,
      environment: environment(space),
    })
    if (ended.exitCode !== 0)
      return yield* failed(
        ended.exitCode === 124
          ? `It took longer than ${copySeconds / 60} minutes.`
          : // The address has the build's token.
            (ended.stderr.split("\n").find((line) => line.includes("error:")) ?? "").replaceAll(
              /'?https?:\/\/\S+/g,
              "…",
            ),
      )
  })
