import { createHash } from "node:crypto"

/** Nix' own base 32: no `e`, `o`, `t`, `u`; the last byte's high bits come first. */
const alphabet = "0123456789abcdfghijklmnpqrsvwxyz"

export const nix32 = (bytes: Uint8Array): string => {
  let text = ""
  for (let n = Math.ceil((bytes.length * 8) / 5) - 1; n >= 0; n--) {
    const bit = n * 5
    const index = bit >> 3
    const word = bytes[index]! | ((bytes[index + 1] ?? 0) << 8)
    text += alphabet[(word >> (bit & 7)) & 31]
  }
  return text
}

const sha256 = (text: string) => createHash("sha256").update(text).digest()

/** libstore/store-api.cc: the hash is folded into 20 bytes. */
const makeStorePath = (type: string, hash: string, name: string): string => {
  const folded = new Uint8Array(20)
  sha256(`${type}:sha256:${hash}:/nix/store:${name}`).forEach((byte, at) => {
    folded[at % 20]! ^= byte
  })
  return `/nix/store/${nix32(folded)}-${name}`
}

/** What Nix calls a file with these contents, such as `nix-store --add-fixed sha256` adds. */
export const fixedPath = (name: string, hash: string): string =>
  makeStorePath("output:out", sha256(`fixed:out:sha256:${hash}:`).toString("hex"), name)

/** What Nix calls a text that refers to other paths, such as `builtins.toFile` makes. */
export const textPath = (name: string, hash: string, references: ReadonlyArray<string>): string =>
  makeStorePath(["text", ...references].join(":"), hash, name)
