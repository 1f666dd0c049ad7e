import { FolderRefused } from "./FolderEntry.ts"

export interface TarHeader {
  readonly path: string
  readonly target: string
  readonly type: string
  readonly bytes: number
  readonly executable: boolean
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const refuse = (reason: string, entry: string | null = null): never => {
  throw new FolderRefused({ entry, reason })
}

const decode = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    return refuse("its name is not UTF-8", new TextDecoder("latin1").decode(bytes))
  }
}

const text = (block: Uint8Array, at: number, length: number): string => {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return decode(end < 0 ? field : field.subarray(0, end))
}

/** Octal digits, padded by zeros or spaces; the other notations are for sizes that are refused anyway. */
const number = (block: Uint8Array, at: number, length: number): number => {
  const digits = /^ *([0-7]{1,11})[ \0]*$/.exec(
    new TextDecoder("latin1").decode(block.subarray(at, at + length)),
  )?.[1]
  return digits === undefined ? refuse("a header of the archive is damaged") : Number.parseInt(digits, 8)
}

const checksumAt = 148
const checksumEnd = 156

export const parseTarHeader = (block: Uint8Array): TarHeader => {
  const sum = block.reduce((all, byte, at) => all + (at >= checksumAt && at < checksumEnd ? 32 : byte), 0)
  if (sum !== number(block, checksumAt, 8)) refuse("a header of the archive is damaged")
  if (text(block, 257, 6) !== "ustar") refuse("the archive is no POSIX tar")
  const prefix = text(block, 345, 155)
  const name = text(block, 0, 100)
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    target: text(block, 157, 100),
    type: String.fromCharCode(block[156]!),
    bytes: number(block, 124, 12),
    executable: (number(block, 100, 8) & 0o100) !== 0,
  }
}

const known = new Set(["path", "linkpath", "comment"])

/** Records of a pax header; what else tar can say there (times, owners, holes) has no place in a folder. */
export const parsePax = (bytes: Uint8Array): { readonly path?: string; readonly linkpath?: string } => {
  const found: Record<string, string> = {}
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const digits = space < 0 ? "" : decode(bytes.subarray(at, space))
    const end = at + Number(digits)
    if (!/^[1-9]\d{0,4}$/.test(digits) || end > bytes.length || bytes[end - 1] !== 10)
      refuse("a header of the archive is damaged")
    const [, key = "", value = ""] = /^([^=]*)=(.*)$/s.exec(decode(bytes.subarray(space + 1, end - 1))) ?? []
    if (!known.has(key)) refuse(`the archive has a header “${key.slice(0, 40)}”, which a folder has not`)
    found[key] = value
    at = end
  }
  return found
}
