import { decodeNix32, encodeNix32 } from "./nix32.ts"
import { parseStoreBase, parseStorePath, type StorePath } from "./StorePath.ts"

/**
 * What a binary cache says of a store path: the `.narinfo` format of Nix (libstore/nar-info.cc), for NARs compressed
 * with zstd. Hashes are SHA-256 in lower-case hexadecimal; references are sorted.
 */
export interface NarInfo {
  readonly storePath: StorePath
  readonly fileHash: string
  readonly fileSize: number
  readonly narHash: string
  readonly narSize: number
  readonly references: ReadonlyArray<StorePath>
  /** The base name of the derivation it came from. */
  readonly deriver: string | null
  /** `name:base64`, one for each key. */
  readonly signatures: ReadonlyArray<string>
}

/** What keeps a text from being one: a sentence that goes back to whoever uploads. */
export class InvalidNarInfo extends Error {
  override readonly name = "InvalidNarInfo"
}

export const narInfoMaxBytes = 1024 * 1024
const referenceLimit = 10_000

export const refuse = (why: string): never => {
  throw new InvalidNarInfo(why)
}

/** `sha256:` in front, then nix32 or hexadecimal; null when it is neither. */
export const parseSha256 = (text: string): string | null => {
  const value = /^sha256:(.+)$/.exec(text)?.[1]
  if (value === undefined) return null
  if (/^[0-9a-f]{64}$/.test(value)) return value
  const bytes = value.length === 52 ? decodeNix32(value) : null
  return bytes && Buffer.from(bytes).toString("hex")
}

export const printSha256 = (hex: string): string => `sha256:${encodeNix32(Buffer.from(hex, "hex"))}`

/** The file name of a NAR in a cache: `<nix32 of the file's SHA-256>.nar.zst`. */
export const narFileName = (fileHash: string): string =>
  `${encodeNix32(Buffer.from(fileHash, "hex"))}.nar.zst`

/** The file hash (hexadecimal) that a NAR's file name holds; null when it is none of ours. */
export const parseNarFileName = (name: string): string | null => {
  const text = /^([0-9a-z]{52})\.nar\.zst$/.exec(name)?.[1]
  return text === undefined ? null : parseSha256(`sha256:${text}`)
}

const readFields = (text: string): Map<string, Array<string>> => {
  const fields = new Map<string, Array<string>>()
  for (const line of text.split("\n")) {
    if (line === "") continue
    const match = /^([A-Za-z]+): ?(.*)$/.exec(line) ?? refuse("a line has no field name")
    const values = fields.get(match[1]!)
    if (values) values.push(match[2]!)
    else fields.set(match[1]!, [match[2]!])
  }
  return fields
}

export const readSize = (text: string, field: string): number => {
  const size = /^\d{1,15}$/.test(text) ? Number(text) : refuse(`${field} is not a size`)
  return size > 0 ? size : refuse(`${field} is not a size`)
}

const readReferences = (text: string): ReadonlyArray<StorePath> => {
  const bases = [...new Set(text.split(" ").filter((base) => base !== ""))].sort()
  if (bases.length > referenceLimit) refuse(`it has more than ${referenceLimit} references`)
  return bases.map((base) => parseStoreBase(base) ?? refuse(`"${base.slice(0, 300)}" is no store path`))
}

/** What a narinfo says of the path itself, whoever's file it leads to. */
export type PathInfo = Omit<NarInfo, "fileHash" | "fileSize">

/** Throws InvalidNarInfo. Fields we do not know are ignored, as Nix does. */
export const readNarInfo = (text: string) => {
  if (text.length > narInfoMaxBytes) refuse("it is too long")
  const fields = readFields(text)
  const one = (field: string): string => {
    const values = fields.get(field) ?? refuse(`it has no ${field}`)
    return values.length === 1 ? values[0]! : refuse(`it has ${field} more than once`)
  }
  const optional = (field: string): string | null => (fields.has(field) ? one(field) : null)
  const deriver = optional("Deriver")
  const path: PathInfo = {
    storePath: parseStorePath(one("StorePath")) ?? refuse("StorePath is no path in /nix/store"),
    narHash: parseSha256(one("NarHash")) ?? refuse("NarHash is no SHA-256"),
    narSize: readSize(one("NarSize"), "NarSize"),
    references: readReferences(optional("References") ?? ""),
    deriver: deriver !== null && parseStoreBase(deriver) ? deriver : null,
    signatures: fields.get("Sig") ?? [],
  }
  return { one, optional, path }
}

/** A narinfo as builders upload it. Throws InvalidNarInfo. */
export const parseNarInfo = (text: string): NarInfo => {
  const { one, optional, path } = readNarInfo(text)
  if (optional("Compression") !== "zstd")
    refuse("only zstd is accepted: add ?compression=zstd to the store's address")
  const fileHash = parseSha256(one("FileHash")) ?? refuse("FileHash is no SHA-256")
  if (one("URL") !== `nar/${narFileName(fileHash)}`) refuse("URL does not lead to the file of FileHash")
  return { ...path, fileHash, fileSize: readSize(one("FileSize"), "FileSize") }
}

/** `file` is what is said of the file that `URL` leads to. */
const print = (info: PathInfo, file: ReadonlyArray<string>): string =>
  [
    `StorePath: ${info.storePath.path}`,
    ...file,
    `NarHash: ${printSha256(info.narHash)}`,
    `NarSize: ${info.narSize}`,
    `References: ${info.references.map((reference) => reference.base).join(" ")}`,
    ...(info.deriver === null ? [] : [`Deriver: ${info.deriver}`]),
    ...info.signatures.map((signature) => `Sig: ${signature}`),
    "",
  ].join("\n")

export const printNarInfo = (info: NarInfo): string =>
  print(info, [
    `URL: nar/${narFileName(info.fileHash)}`,
    "Compression: zstd",
    `FileHash: ${printSha256(info.fileHash)}`,
    `FileSize: ${info.fileSize}`,
  ])

/** The file of a path that has yet to be fetched, `<hash of the path>-<nix32 of the NAR's SHA-256>.nar.zst`. */
export const parseAwaitedName = (
  name: string,
): { readonly hash: string; readonly narHash: string } | null => {
  const [, hash, nar] = /^([0-9abcdfghijklmnpqrsvwxyz]{32})-([0-9a-z]{52})\.nar\.zst$/.exec(name) ?? []
  const narHash = nar === undefined ? null : parseSha256(`sha256:${nar}`)
  return hash === undefined || narHash === null ? null : { hash, narHash }
}

/** Of a path whose file is not here yet: hash and size of that are not known, which Nix does not need. */
export const printAwaitedNarInfo = (info: PathInfo): string =>
  print(info, [
    `URL: nar/${info.storePath.hash}-${encodeNix32(Buffer.from(info.narHash, "hex"))}.nar.zst`,
    "Compression: zstd",
  ])

/** What a signature signs (libstore/path-info.cc). */
export const fingerprint = (
  info: Pick<NarInfo, "storePath" | "narHash" | "narSize" | "references">,
): string =>
  `1;${info.storePath.path};${printSha256(info.narHash)};${info.narSize};${info.references
    .map((reference) => reference.path)
    .sort()
    .join(",")}`
