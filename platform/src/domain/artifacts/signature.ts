import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto"

/**
 * Nix' signing keys: `name:base64`, with 64 bytes (seed and public key) in a secret key and 32 in a public one
 * (libutil/signature). Signatures are ed25519 over the fingerprint, written `name:base64`.
 */
export interface SecretKey {
  readonly name: string
  readonly key: KeyObject
  /** What `trusted-public-keys` in nix.conf takes. */
  readonly publicText: string
}

const keyName = /^[0-9a-zA-Z._-]{1,128}$/

const jwk = (seed: Buffer | null, publicKey: Buffer) => ({
  kty: "OKP",
  crv: "Ed25519",
  x: publicKey.toString("base64url"),
  ...(seed === null ? {} : { d: seed.toString("base64url") }),
})

const split = (text: string): { name: string; bytes: Buffer } | null => {
  const at = text.indexOf(":")
  const name = text.slice(0, at)
  return at > 0 && keyName.test(name) ? { name, bytes: Buffer.from(text.slice(at + 1), "base64") } : null
}

/** The text of a new secret key, as `nix key generate-secret` would write it. */
export const generateSecretKey = (name: string): string => {
  const { d, x } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })
  const bytes = Buffer.concat([Buffer.from(d!, "base64url"), Buffer.from(x!, "base64url")])
  return `${name}:${bytes.toString("base64")}`
}

/** Null when the text is no secret key. */
export const parseSecretKey = (text: string): SecretKey | null => {
  const parts = split(text.trim())
  if (parts?.bytes.length !== 64) return null
  const publicKey = parts.bytes.subarray(32)
  try {
    const key = createPrivateKey({ format: "jwk", key: jwk(parts.bytes.subarray(0, 32), publicKey) })
    return { name: parts.name, key, publicText: `${parts.name}:${publicKey.toString("base64")}` }
  } catch {
    return null
  }
}

export const signFingerprint = (key: SecretKey, fingerprint: string): string =>
  `${key.name}:${sign(null, Buffer.from(fingerprint), key.key).toString("base64")}`

/** Whether the signature is by the public key (`name:base64`). */
export const verifyFingerprint = (publicText: string, fingerprint: string, signature: string): boolean => {
  const key = split(publicText)
  const parts = split(signature)
  if (!key || !parts || key.name !== parts.name || key.bytes.length !== 32) return false
  const publicKey = createPublicKey({ format: "jwk", key: jwk(null, key.bytes) })
  return verify(null, Buffer.from(fingerprint), publicKey, parts.bytes)
}
