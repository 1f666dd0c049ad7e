import type { Credential } from "../RegistryCredential.ts"

/** From an `Authorization: Basic …` header; null when it is none. */
export const basicCredential = (header: string): Credential | null => {
  const encoded = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(header)?.[1]
  if (encoded === undefined) return null
  const decoded = Buffer.from(encoded, "base64").toString()
  const colon = decoded.indexOf(":")
  return colon < 0 ? null : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

export const bearerToken = (header: string): string | null =>
  /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(header)?.[1] ?? null
