import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Context, Effect, Layer } from "effect"
import { type Bundle, type BundleName, bundle, bundleOf, checkout, entries } from "./bundle.ts"
import { InstallError } from "./InstallError.ts"

/** The programs of a worker, as they are given to it. */
export class AgentBundle extends Context.Service<
  AgentBundle,
  {
    readonly agent: Effect.Effect<Bundle & { readonly version: string }, InstallError>
    readonly launcher: Effect.Effect<Bundle, InstallError>
  }
>()("platform/install/AgentBundle") {
  /** `built`: as `npm run build` left them in agent/dist, where it did. Otherwise they are bundled on first use. */
  static readonly layer = (from: "built" | "sources") =>
    Layer.effect(
      AgentBundle,
      Effect.suspend(() => make(from)),
    )
}

const built = (name: BundleName): Promise<Bundle | null> =>
  readFile(join(checkout, "agent/dist", `${name}.mjs`)).then(bundleOf, () => null)

const load = (name: BundleName, from: "built" | "sources") =>
  Effect.tryPromise({
    try: async () => (from === "built" ? await built(name) : null) ?? bundle(entries[name], name === "agent"),
    catch: (error) =>
      new InstallError({ what: `the ${name} for workers`, reason: (error as Error).message.slice(0, 1_000) }),
  })

/** The package's version, and the beginning of the hash: two that differ never have the same name. */
const withVersion = (agent: Bundle) =>
  Effect.promise(async () => {
    const { version } = JSON.parse(await readFile(join(checkout, "agent/package.json"), "utf8"))
    return { ...agent, version: `${version}+${agent.sha256.slice(0, 8)}` }
  })

const make = Effect.fnUntraced(function* (from: "built" | "sources") {
  return {
    agent: yield* Effect.cached(Effect.flatMap(load("agent", from), withVersion)),
    launcher: yield* Effect.cached(load("launcher", from)),
  }
})
