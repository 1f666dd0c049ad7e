import type { AgentRuntime } from "@skypanel/contract/Installation"
import { Context, Effect, Layer } from "effect"
import { AgentBundle } from "./AgentBundle.ts"
import { Flake } from "./Flake.ts"
import type { InstallationFacts, InstallFiles } from "./facts.ts"
import { InstallError } from "./InstallError.ts"
import { type RuntimeFile, Runtimes } from "./Runtimes.ts"
import { renderCommand, renderNixos, renderScript } from "./render.ts"

/** A file that workers fetch: its bytes, or where they are on this machine's disk. */
export type FileContent =
  | { readonly bytes: Buffer; readonly type: string }
  | { readonly file: string; readonly type: string }

/** What an administrator is shown of an installation. */
export interface RenderedInstallation {
  readonly command: string
  readonly script: string
  readonly nixos: string
}

/** Everything that a machine needs to become a worker. */
export class Installer extends Context.Service<
  Installer,
  {
    readonly render: (facts: InstallationFacts) => Effect.Effect<RenderedInstallation, InstallError>
    /** The file at a path below `/install/`; null where there is none. */
    readonly find: (path: string) => Effect.Effect<FileContent | null, InstallError>
    /** The version of the agent that every worker shall run. */
    readonly agent: Effect.Effect<{ readonly version: string; readonly sha256: string }, InstallError>
  }
>()("platform/install/Installer") {
  static readonly layerNoDeps = Layer.effect(
    Installer,
    Effect.suspend(() => make),
  )
  static readonly layer = (of: {
    readonly dataFolder: string
    /** Are the agent's bundles those of `npm run build`, where it was run, or always made from its sources? */
    readonly agent: "built" | "sources"
  }) =>
    Installer.layerNoDeps.pipe(
      Layer.provide(Flake.layer),
      Layer.provide(Layer.mergeAll(AgentBundle.layer(of.agent), Runtimes.layer(of.dataFolder))),
    )
}

const javascript = "text/javascript; charset=utf-8"

const withoutFile = ({ path, sha256, bytes }: RuntimeFile) => ({ path, sha256, bytes })

const make = Effect.gen(function* () {
  const bundles = yield* AgentBundle
  const runtimes = yield* Runtimes
  const flake = yield* Flake

  const scripts = Effect.gen(function* () {
    const [agent, launcher] = yield* Effect.all([bundles.agent, bundles.launcher])
    return {
      agent: { path: `/install/agent/${agent.sha256}.mjs`, ...agent },
      launcher: { path: `/install/launcher/${launcher.sha256}.mjs`, ...launcher },
    }
  })

  const files = (runtime: AgentRuntime): Effect.Effect<InstallFiles, InstallError> =>
    Effect.gen(function* () {
      const { agent, launcher } = yield* scripts
      const programs = yield* runtimes.available(runtime)
      const { content: _, ...tarball } = yield* flake.tarball
      const size = ({ code }: { readonly code: Buffer }) => ({ bytes: code.length })
      return {
        agent: { path: agent.path, sha256: agent.sha256, version: agent.version, ...size(agent) },
        launcher: { path: launcher.path, sha256: launcher.sha256, ...size(launcher) },
        runtimes: Object.fromEntries(
          Object.entries(programs).map(([architecture, program]) => [architecture, withoutFile(program)]),
        ),
        flake: tarball,
      }
    })

  const findScript = (path: string) =>
    Effect.map(scripts, ({ agent, launcher }) => {
      const found = [agent, launcher].find((each) => each.path === path)
      return found === undefined ? null : { bytes: found.code, type: javascript }
    })

  const findRuntime = (path: string, runtime: AgentRuntime) =>
    Effect.map(runtimes.available(runtime), (available) => {
      const found = Object.values(available).find((each) => each.path === path)
      return found === undefined ? null : { file: found.file, type: "application/gzip" }
    })

  const findFlake = (path: string) =>
    Effect.map(flake.tarball, (tarball) =>
      tarball.path === path ? { bytes: tarball.content, type: "application/gzip" } : null,
    )

  return {
    render: (facts) =>
      Effect.gen(function* () {
        const given = yield* files(facts.runtime)
        return yield* Effect.try({
          try: () => ({
            command: renderCommand(facts),
            script: renderScript(facts, given),
            nixos: renderNixos(facts, given),
          }),
          catch: (error) => new InstallError({ what: "the script", reason: (error as Error).message }),
        })
      }),
    find: (path): Effect.Effect<FileContent | null, InstallError> => {
      if (/^\/install\/(?:agent|launcher)\//.test(path)) return findScript(path)
      if (path.startsWith("/install/runtime/deno-")) return findRuntime(path, "deno")
      if (path.startsWith("/install/runtime/node-")) return findRuntime(path, "node")
      return path.startsWith("/install/flake/") ? findFlake(path) : Effect.succeed(null)
    },
    agent: Effect.map(bundles.agent, ({ version, sha256 }) => ({ version, sha256 })),
  } satisfies Installer["Service"]
})
