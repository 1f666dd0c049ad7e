import { Context, Effect, Layer } from "effect"
import type { SecretKey } from "../domain/artifacts/signature.ts"
import { SigningKeys } from "./SigningKeys.ts"

/** The newest of the platform's own keys, whichever that is when it is asked. */
export class SigningKey extends Context.Service<SigningKey, SecretKey>()("platform/artifacts/SigningKey") {
  static readonly layer = Layer.effect(
    SigningKey,
    Effect.map(SigningKeys, (keys) => ({
      get name() {
        return keys.live()[0]!.name
      },
      get key() {
        return keys.live()[0]!.key
      },
      get publicText() {
        return keys.live()[0]!.publicText
      },
    })),
  )
}
