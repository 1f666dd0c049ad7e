import { createHash } from "node:crypto"
import { Context, Effect, Layer } from "effect"
import { AgentBundle } from "./AgentBundle.ts"
import { checkout } from "./bundle.ts"
import type { ServedFile } from "./facts.ts"
import { flakeTree } from "./flakeTree.ts"
import { InstallError } from "./InstallError.ts"
import { narHashOf, tarballOf } from "./tarball.ts"

export interface FlakeTarball extends ServedFile {
  /** In SRI form. */
  readonly narHash: string
  readonly content: Buffer
}

/** The platform's own flake as a tarball: a NixOS worker needs no other host. */
export class Flake extends Context.Service<
  Flake,
  { readonly tarball: Effect.Effect<FlakeTarball, InstallError> }
>()("platform/install/Flake") {
  static readonly layer = Layer.effect(
    Flake,
    Effect.suspend(() => make),
  )
}

const pack = async (agent: Buffer, launcher: Buffer): Promise<FlakeTarball> => {
  const tree = await flakeTree(
    checkout,
    new Map([
      ["agent/dist/agent.mjs", agent],
      ["agent/dist/launcher.mjs", launcher],
    ]),
  )
  const content = await tarballOf(tree, "skypanel")
  const sha256 = createHash("sha256").update(content).digest("hex")
  return {
    path: `/install/flake/${sha256}.tar.gz`,
    sha256,
    bytes: content.length,
    narHash: narHashOf(tree),
    content,
  }
}

const make = Effect.gen(function* () {
  const bundles = yield* AgentBundle
  const tarball = Effect.gen(function* () {
    const [agent, launcher] = yield* Effect.all([bundles.agent, bundles.launcher])
    return yield* Effect.tryPromise({
      try: () => pack(agent.code, launcher.code),
      catch: (error) => new InstallError({ what: "the flake for workers", reason: (error as Error).message }),
    })
  })
  return { tarball: yield* Effect.cached(tarball) }
})
