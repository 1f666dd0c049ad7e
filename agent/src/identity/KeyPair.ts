import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from "node:crypto"

/** An Ed25519 key pair; both halves are 32 bytes in base64url (RFC 8037, section 2). */
export interface KeyPair {
  readonly publicKey: string
  readonly privateKey: string
}

const shape = { kty: "OKP", crv: "Ed25519" } as const

export const makeKeyPair = (): KeyPair => {
  const { x = "", d = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })
  return { publicKey: x, privateKey: d }
}

export const signText = ({ publicKey, privateKey }: KeyPair, text: string): string => {
  const key = createPrivateKey({ key: { ...shape, x: publicKey, d: privateKey }, format: "jwk" })
  return sign(null, Buffer.from(text), key).toString("base64url")
}

export const isSignedBy = (publicKey: string, text: string, signature: string): boolean => {
  const key = createPublicKey({ key: { ...shape, x: publicKey }, format: "jwk" })
  return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"))
}

export const makeNonce = (): string => randomBytes(32).toString("base64url")
