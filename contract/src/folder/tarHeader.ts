import { byteLength, type FolderEntry } from "./FolderEntry.ts"

/* The one tar that stands for a folder: POSIX ustar, with a pax header where a name is too long for it. */

export const blockBytes = 512

const utf8 = new TextEncoder()

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`

interface Fields {
  readonly name: string
  readonly type: "0" | "2" | "x"
  readonly bytes: number
  readonly executable: boolean
  readonly target: string
}

const block = ({ name, type, bytes, executable, target }: Fields): Uint8Array => {
  const header = new Uint8Array(blockBytes)
  const put = (text: string, at: number) => header.set(utf8.encode(text), at)
  put(name, 0)
  put(octal(executable ? 0o755 : 0o644, 8), 100)
  put(octal(0, 8), 108)
  put(octal(0, 8), 116)
  put(octal(bytes, 12), 124)
  put(octal(0, 12), 136)
  put(" ".repeat(8), 148)
  put(type, 156)
  put(target, 157)
  put("ustar\x0000", 257)
  const sum = header.reduce((all, byte) => all + byte, 0)
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
  return header
}

/** A pax record says its own length, with the digits of it. */
const record = (key: string, value: string): string => {
  const rest = byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

const padded = (bytes: Uint8Array): Uint8Array => {
  const all = new Uint8Array(Math.ceil(bytes.length / blockBytes) * blockBytes)
  all.set(bytes)
  return all
}

/** Zeros after so many bytes of content. */
export const padding = (bytes: number): Uint8Array =>
  new Uint8Array((blockBytes - (bytes % blockBytes)) % blockBytes)

export const tarEnd = new Uint8Array(2 * blockBytes)

const fieldBytes = 100

/** What stands before an entry's content. The same entry always gives the same bytes. */
export const tarHeader = (entry: FolderEntry): ReadonlyArray<Uint8Array> => {
  const target = entry.kind === "link" ? entry.target : ""
  const long = (text: string) => byteLength(text) > fieldBytes
  const records = [
    ...(long(entry.path) ? [record("path", entry.path)] : []),
    ...(long(target) ? [record("linkpath", target)] : []),
  ].join("")
  const own = block({
    name: long(entry.path) ? "long" : entry.path,
    type: entry.kind === "link" ? "2" : "0",
    bytes: entry.kind === "link" ? 0 : entry.bytes,
    executable: entry.kind === "file" && entry.executable,
    target: long(target) ? "" : target,
  })
  if (records === "") return [own]
  const pax = utf8.encode(records)
  return [
    block({ name: "pax", type: "x", bytes: pax.length, executable: false, target: "" }),
    padded(pax),
    own,
  ]
}
