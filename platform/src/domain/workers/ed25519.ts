import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto"

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410, section 7). */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex")

export interface SigningKey {
  /** 32 bytes in base64url. */
  readonly publicKey: string
  readonly sign: (text: string) => string
}

/** The key pair that 32 bytes give; the same bytes give the same pair. */
export const signingKeyOf = (seed: Buffer): SigningKey => {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed.subarray(0, 32)]),
    format: "der",
    type: "pkcs8",
  })
  const { x = "" } = createPublicKey(key).export({ format: "jwk" })
  return { publicKey: x, sign: (text) => sign(null, Buffer.from(text), key).toString("base64url") }
}

/** False also for what is no key or no signature at all. */
export const isSignedBy = (publicKey: string, text: string, signature: string): boolean => {
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" })
    return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"))
  } catch {
    return false
  }
}
