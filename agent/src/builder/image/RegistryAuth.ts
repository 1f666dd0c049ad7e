import { Result, Schema } from "effect"
import { ask, RegistryFailed, readText, type Way } from "./RegistryRequest.ts"

/** A name and a password, or token, for one registry. */
export interface RegistryLogin {
  readonly username: string
  readonly password: string
}

export interface Challenge {
  readonly scheme: "basic" | "bearer"
  readonly parameters: Readonly<Record<string, string>>
}

const challengeMost = 4096

/** Reads `WWW-Authenticate` (RFC 9110, section 11.6.1), as far as registries use it. */
export const parseChallenge = (header: string): Challenge | null => {
  if (header.length > challengeMost) return null
  const [, scheme, rest = ""] = /^(basic|bearer)(?: (.*))?$/is.exec(header.trim()) ?? []
  if (scheme === undefined) return null
  const pairs = [...rest.matchAll(/([a-z_]{1,40}) ?= ?"([^"\\]{0,2000})"/gi)]
  return {
    scheme: scheme.toLowerCase() as Challenge["scheme"],
    parameters: Object.fromEntries(pairs.map(([, name, value]) => [name!.toLowerCase(), value!])),
  }
}

const decodeToken = Schema.decodeUnknownResult(
  Schema.fromJsonString(
    Schema.Struct({
      token: Schema.optionalKey(Schema.String),
      access_token: Schema.optionalKey(Schema.String),
    }),
  ),
)

const headerForm = /^[\x21-\x7e]{1,16384}$/

export const basic = ({ username, password }: RegistryLogin): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`

/**
 * What answers a challenge; null: the registry wants a login that there is none of, or refuses it. A token is fetched
 * from where the registry says, over https, or from the registry itself.
 */
export const answerChallenge = async (
  way: Way,
  registry: URL,
  repository: string,
  challenge: Challenge,
  login: RegistryLogin | null,
  signal: AbortSignal,
): Promise<string | null> => {
  if (challenge.scheme === "basic") return login && basic(login)
  const { realm = "", service } = challenge.parameters
  if (!URL.canParse(realm)) throw new RegistryFailed({ detail: "it says no place for tokens", again: false })
  const url = new URL(realm)
  if (url.protocol !== "https:" && url.origin !== registry.origin)
    throw new RegistryFailed({ detail: "its place for tokens is without TLS", again: false })
  if (url.port !== "" && url.origin !== registry.origin)
    throw new RegistryFailed({ detail: "its place for tokens is at a port of its own", again: false })
  if (service !== undefined) url.searchParams.set("service", service)
  url.searchParams.set("scope", `repository:${repository}:pull`)
  const answer = await ask(way, url.href, login === null ? {} : { authorization: basic(login) }, signal)
  if (answer.status === 401 || answer.status === 403) {
    answer.body.destroy()
    return null
  }
  const text = await readText(answer, 64 * 1024)
  const token = answer.status === 200 ? decodeToken(text) : null
  const value =
    token !== null && Result.isSuccess(token) ? (token.success.token ?? token.success.access_token) : ""
  if (value === undefined || !headerForm.test(value))
    throw new RegistryFailed({
      detail: `its place for tokens answered ${answer.status}`,
      again: answer.status >= 500,
    })
  return `Bearer ${value}`
}
