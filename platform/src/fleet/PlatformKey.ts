import { createHmac } from "node:crypto"
import { Context, Effect, Layer, Redacted } from "effect"
import { PlatformConfig } from "../config.ts"
import { type SigningKey, signingKeyOf } from "../domain/workers/ed25519.ts"

/**
 * By which this platform proves itself to its workers: derived from its secret, so that every replica has the same one
 * and there is nothing to keep. A platform with another secret is another platform to them.
 */
export class PlatformKey extends Context.Service<PlatformKey, SigningKey>()("platform/fleet/PlatformKey") {
  static readonly layer = Layer.effect(
    PlatformKey,
    Effect.gen(function* () {
      const { secret } = yield* PlatformConfig
      return signingKeyOf(createHmac("sha256", Redacted.value(secret)).update("platform identity").digest())
    }),
  )
}
