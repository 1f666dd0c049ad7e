import { Context, Effect, Layer } from "effect"
import { DesiredState } from "../desired/DesiredState.ts"
import { acceptedOf, type KnownSecret, learn, sentOf } from "./secrets.ts"

/** By what the proxies of workers know each other, while the platform may be changing it. */
export class PeerSecret extends Context.Service<
  PeerSecret,
  {
    readonly sent: () => string | null
    readonly accepted: () => ReadonlyArray<string>
  }
>()("agent/peers/PeerSecret") {
  static readonly layer = Layer.effect(
    PeerSecret,
    Effect.gen(function* () {
      const desired = yield* DesiredState
      let known: ReadonlyArray<KnownSecret> = []
      const now = () => {
        const nowMs = performance.now()
        known = learn(known, desired.current().peerSecret, nowMs)
        return nowMs
      }
      return {
        sent: () => {
          const nowMs = now()
          return sentOf(known, nowMs)
        },
        accepted: () => {
          const nowMs = now()
          return acceptedOf(known, nowMs)
        },
      }
    }),
  )
}
