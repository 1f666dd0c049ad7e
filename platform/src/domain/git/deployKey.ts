import { generateKeyPairSync, randomBytes } from "node:crypto"

/* The format of OpenSSH's key files: https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key */

const type = "ssh-ed25519"

const text = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export interface DeployKey {
  /** One line, as it is added to a repository. */
  readonly publicKey: string
  readonly privateKey: string
}

/** A new ed25519 key pair as OpenSSH reads it, without a passphrase. */
export const newDeployKey = (comment: string): DeployKey => {
  const { d, x } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })
  const [secret, open] = [Buffer.from(d!, "base64url"), Buffer.from(x!, "base64url")]
  const publicBlob = Buffer.concat([text(type), text(open)])
  const check = randomBytes(4)
  const privateBlob = Buffer.concat([
    check,
    check,
    publicBlob,
    text(Buffer.concat([secret, open])),
    text(comment),
  ])
  // To a whole block of the cipher that there is none of: 1, 2, 3, …
  const padding = Buffer.from(Array.from({ length: (8 - (privateBlob.length % 8)) % 8 }, (_, at) => at + 1))
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    text("none"),
    text("none"),
    text(""),
    number(1),
    text(publicBlob),
    text(Buffer.concat([privateBlob, padding])),
  ])
  const lines = file.toString("base64").match(/.{1,70}/g)!
  return {
    publicKey: `${type} ${publicBlob.toString("base64")} ${comment}`,
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`,
  }
}
