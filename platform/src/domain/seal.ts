import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

export interface SealingKey {
  readonly id: string
  readonly bytes: Uint8Array
}

/** A secret as it is stored, and the id of the key that opens it. */
export interface Sealed {
  readonly sealed: string
  readonly key: string
}

const nonceBytes = 12
const tagBytes = 16

export const newSealingKey = (): SealingKey => ({
  id: randomBytes(6).toString("hex"),
  bytes: randomBytes(32),
})

export const formatSealingKey = ({ id, bytes }: SealingKey): string =>
  `${id} ${Buffer.from(bytes).toString("base64")}`

/** One key on each line, the newest first: that one seals, and all of them open. Null when a line is none. */
export const parseSealingKeys = (
  text: string,
): readonly [SealingKey, ...ReadonlyArray<SealingKey>] | null => {
  const lines = text.split("\n").filter((line) => line !== "")
  const keys = lines.flatMap((line) => {
    const [, id, base64] = /^([0-9a-f]{12}) ([A-Za-z0-9+/]{43}=)$/.exec(line) ?? []
    return id === undefined ? [] : [{ id, bytes: Buffer.from(base64!, "base64") }]
  })
  const [first, ...rest] = keys
  return first === undefined || keys.length !== lines.length ? null : [first, ...rest]
}

/** What it is for is sealed in: the same text moved to another row does not open. */
const additional = (about: ReadonlyArray<string>) => Buffer.from(JSON.stringify(about))

/** AES-256-GCM with a random nonce: nonce, tag and ciphertext together, in base64. */
export const seal = (key: SealingKey, text: string, about: ReadonlyArray<string>): Sealed => {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv("aes-256-gcm", key.bytes, nonce, { authTagLength: tagBytes })
  cipher.setAAD(additional(about))
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
  return { key: key.id, sealed: Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString("base64") }
}

/** Null when no key fits, when a bit of it was changed, or when it was sealed for something else. */
export const unseal = (
  keys: ReadonlyArray<SealingKey>,
  { sealed, key: id }: Sealed,
  about: ReadonlyArray<string>,
): string | null => {
  const key = keys.find((one) => one.id === id)
  const bytes = Buffer.from(sealed, "base64")
  if (key === undefined || bytes.length < nonceBytes + tagBytes) return null
  const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(additional(about))
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  try {
    return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, "utf8") + decipher.final("utf8")
  } catch {
    return null
  }
}
