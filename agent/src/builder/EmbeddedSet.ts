import { spawn } from "node:child_process"
import { mkdir, readFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { Effect, Semaphore } from "effect"
import type { BuilderConfig } from "./BuilderConfig.ts"
import { buildFailed } from "./BuildFailed.ts"
import { killGroup } from "./ConfinedProcess.ts"
import { LineSplitter } from "./LogText.ts"
import type { Packages } from "./NixExpression.ts"
import type { PackageChoice } from "./PackageSource.ts"

/** How much of the set is made ready. */
type Extent = "base" | "rust"

interface Prepared {
  readonly packages: Packages
  readonly npmRegistry: string
  readonly sandboxShell: string
}

/** Runs the package set's own program, with its progress in the agent's log; gives what it says when it fails. */
const prepare = (config: BuilderConfig, extent: Extent): Effect.Effect<Prepared, string> =>
  Effect.gen(function* () {
    const data = join(config.dataFolder, "embedded")
    yield* Effect.promise(() => mkdir(data, { recursive: true }))
    const lines: Array<string> = []
    const runtime = "Deno" in globalThis ? [process.execPath, "run", "-A"] : [process.execPath]
    const command = [
      ...runtime,
      join(config.embedded, "prepare.mjs"),
      "--data",
      data,
      "--npm-registry",
      config.npmRegistry,
      "--realise",
      extent,
    ]
    const [exitCode, stdout] = yield* Effect.callback<readonly [number | null, string]>((resume) => {
      // With a group of its own: what it starts ends with it.
      const child = spawn(command[0]!, command.slice(1), {
        stdio: ["ignore", "pipe", "pipe"],
        cwd: "/",
        detached: true,
      })
      const splitter = new LineSplitter()
      let out = ""
      child.stdout.on("data", (chunk) => {
        out += chunk
      })
      child.stderr.on("data", (chunk) => {
        for (const line of splitter.push(chunk)) {
          console.error(`[package set] ${line}`)
          if (lines.push(line) > 20) lines.shift()
        }
      })
      child.once("error", (error) => resume(Effect.succeed([127, error.message])))
      child.once("close", (code) => resume(Effect.succeed([code, out])))
      return Effect.sync(() => killGroup(child))
    })
    if (exitCode !== 0) return yield* Effect.fail(lines.at(-1) ?? stdout)
    const ready = JSON.parse(stdout.trim().split("\n").at(-1)!) as {
      readonly entry: string
      readonly narHash: string
      readonly system: string
      readonly npmRegistry: string
      readonly sandboxShell: string
    }
    return {
      packages: {
        name: ready.entry.slice("/nix/store/".length + 33),
        path: ready.entry,
        narHash: ready.narHash,
        system: ready.system,
        arguments: "",
      },
      npmRegistry: ready.npmRegistry,
      sandboxShell: ready.sandboxShell,
    }
  })

/** Two builds at once wait for the same; a build that is canceled leaves it to the next one. */
const rustOf = (config: BuilderConfig): PackageChoice["bringRust"] => {
  const turn = Semaphore.makeUnsafe(1)
  let brought: Packages | null = null
  return (note) =>
    Effect.gen(function* () {
      if (brought !== null) return brought
      note()
      const prepared = yield* Effect.mapError(prepare(config, "rust"), (detail) =>
        buildFailed(
          "no-builder",
          "This builder could not make its Rust ready.",
          "Deploy again; if it stays so, ask the operator to look at the builder's log.",
          { detail },
        ),
      )
      brought = prepared.packages
      return brought
    }).pipe(turn.withPermits(1))
}

/** Debian's packages, and the few that come from npm's registry. */
const ownFiles = (config: BuilderConfig): Effect.Effect<PackageChoice["isOwnFile"]> =>
  Effect.promise(async () => {
    const { npm } = JSON.parse(await readFile(join(config.embedded, "packages.json"), "utf8")) as {
      readonly npm: Readonly<Record<string, { readonly package: string; readonly version: string }>>
    }
    const archives = Object.values(npm).map((each) => `${basename(each.package)}-${each.version}.tgz`)
    return (name) => name.endsWith(".deb") || archives.includes(name)
  })

/** The embedded package set with what most services need; null when it could not be prepared. */
export const prepareEmbedded = (config: BuilderConfig, reason: string): Effect.Effect<PackageChoice | null> =>
  Effect.all([prepare(config, "base"), ownFiles(config)]).pipe(
    Effect.map(
      ([prepared, isOwnFile]): PackageChoice => ({
        ...prepared,
        isOwnFile,
        set: { kind: "embedded", reference: "Debian 12 packages", reason },
        bringRust: rustOf(config),
        substituters: [],
      }),
    ),
    Effect.catch((message) =>
      Effect.as(Effect.logError(`the embedded package set could not be prepared: ${message}`), null),
    ),
  )
