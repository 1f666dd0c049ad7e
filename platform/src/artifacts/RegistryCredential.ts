import { createHmac, timingSafeEqual } from "node:crypto"
import { Context, Effect, Layer, Redacted } from "effect"
import { ArtifactConfig } from "./ArtifactConfig.ts"

export interface Credential {
  readonly username: string
  readonly password: string
}

/** How long a bearer token is good for: longer than any pull of one image takes. */
const tokenSeconds = 3600

const equal = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** What opens one repository of the registry, and no other: derived from its name, so there is nothing to store. */
export class RegistryCredential extends Context.Service<
  RegistryCredential,
  {
    /** `name` is `<organization id>/<service id>`. */
    readonly forRepository: (name: string) => Credential
    /** The repository that a credential opens; null when it is wrong. */
    readonly repositoryOf: (credential: Credential) => string | null
    readonly tokenFor: (name: string, now: number) => { readonly token: string; readonly seconds: number }
    /** The repository that a bearer token opens; null when it is wrong or too old. */
    readonly repositoryOfToken: (token: string, now: number) => string | null
  }
>()("platform/artifacts/RegistryCredential") {
  static readonly layer = Layer.effect(
    RegistryCredential,
    Effect.gen(function* () {
      const { secret } = yield* ArtifactConfig
      const derive = (purpose: string, text: string) =>
        createHmac("sha256", Redacted.value(secret)).update(`${purpose}\0${text}`).digest("base64url")
      const forRepository = (name: string) => ({ username: name, password: derive("registry", name) })
      const tokenText = (name: string, until: number) =>
        `${until}.${derive("registry-token", `${until}\0${name}`)}.${Buffer.from(name).toString("base64url")}`
      return RegistryCredential.of({
        forRepository,
        repositoryOf: ({ username, password }) =>
          equal(forRepository(username).password, password) ? username : null,
        tokenFor: (name, now) => ({
          token: tokenText(name, Math.floor(now / 1000) + tokenSeconds),
          seconds: tokenSeconds,
        }),
        repositoryOfToken: (token, now) => {
          const [until, , encoded] = token.split(".")
          const name = Buffer.from(encoded ?? "", "base64url").toString()
          return Number(until) * 1000 > now && equal(tokenText(name, Number(until)), token) ? name : null
        },
      })
    }),
  )
}
