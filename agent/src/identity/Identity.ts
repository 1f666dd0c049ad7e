import type { WorkerKeyId } from "@skypanel/contract/Id"
import { Context, Effect, Layer, Option } from "effect"
import { AgentConfig } from "../config.ts"
import { type IdentityUnwritable, identityFiles, type WorkerIdentity } from "./IdentityFile.ts"
import type { KeyPair } from "./KeyPair.ts"
import { hashToken, type NotRegistered, register, tokenOf } from "./register.ts"

/** Who this worker is; it registers when it is nobody yet. */
export class Identity extends Context.Service<
  Identity,
  {
    readonly current: Effect.Effect<WorkerIdentity, NotRegistered | IdentityUnwritable>
    /** The platform has taken this key in place of the one before. */
    readonly rotated: (keyId: WorkerKeyId, pair: KeyPair) => Effect.Effect<void, IdentityUnwritable>
    /**
     * The platform does not know it, or not any more. With a new token it becomes another one; without, it stays what
     * it is, for the case that the platform is mistaken.
     */
    readonly refused: Effect.Effect<void>
  }
>()("agent/identity/Identity") {
  static readonly layer = Layer.effect(
    Identity,
    Effect.gen(function* () {
      const settings = yield* AgentConfig
      const files = identityFiles(settings.dataFolder)
      let known = yield* files.identity
      return {
        current: Effect.gen(function* () {
          if (known === null) {
            known = yield* register(settings)
            yield* Effect.logInfo(`this is worker "${known.name}" from now on`)
          }
          return known
        }),
        rotated: (keyId, pair) =>
          Effect.gen(function* () {
            if (known === null) return
            const next: WorkerIdentity = { ...known, ...pair, keyId }
            yield* files.keep(next)
            known = next
          }),
        refused: Effect.gen(function* () {
          const token = yield* tokenOf(settings.tokenFile).pipe(Effect.option)
          if (Option.isNone(token) || hashToken(token.value) === known?.tokenHash) return
          yield* files.giveUp
          known = null
        }),
      }
    }),
  )
}
