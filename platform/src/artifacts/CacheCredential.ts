import { createHmac, timingSafeEqual } from "node:crypto"
import { Context, Effect, Layer, Redacted } from "effect"
import { ArtifactConfig } from "./ArtifactConfig.ts"
import type { Credential } from "./RegistryCredential.ts"

/** What opens the binary cache for reading: Basic authentication, as Nix takes it from a netrc file. */
export class CacheCredential extends Context.Service<
  CacheCredential,
  { readonly credential: Credential; readonly isRight: (credential: Credential) => boolean }
>()("platform/artifacts/CacheCredential") {
  static readonly layer = Layer.effect(
    CacheCredential,
    Effect.gen(function* () {
      const { secret } = yield* ArtifactConfig
      const password = createHmac("sha256", Redacted.value(secret)).update("cache").digest("base64url")
      return CacheCredential.of({
        credential: { username: "cache", password },
        isRight: (given) => {
          const [left, right] = [Buffer.from(given.password), Buffer.from(password)]
          return left.length === right.length && timingSafeEqual(left, right)
        },
      })
    }),
  )
}
