/**
 * The deterministic tar of image layers: USTAR, with one PAX header where a name does not fit. No times but 1 s after
 * the epoch, no owners but 0, modes that depend on the executable bit only: a layer's digest is a function of its
 * paths and their NAR hashes. Names are latin1 text, one character a byte.
 */
export type TarEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode?: number }
  | { readonly kind: "file"; readonly path: string; readonly size: number; readonly mode: number }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }

/** Part of a layer's identity: change it with every change of the bytes written here, in NarToTar or in baseLayer. */
export const layerFormat = 1

export const blockBytes = 512
const nameBytes = 100
const prefixBytes = 155

/** Zeros after a file's contents, up to a whole block. */
export const paddingOf = (size: number): number => -size & (blockBytes - 1)

export const tarEnd = Buffer.alloc(2 * blockBytes)

const octal = (header: Buffer, at: number, length: number, value: number): void => {
  header.write(value.toString(8).padStart(length - 1, "0"), at, length - 1, "latin1")
}

const checksum = (header: Buffer): void => {
  header.fill(32, 148, 156)
  let sum = 0
  for (let i = 0; i < blockBytes; i++) sum += header[i]!
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
}

interface Header {
  readonly prefix: string
  readonly name: string
  readonly mode: number
  readonly size: number
  readonly type: string
  readonly link: string
}

const writeHeader = (header: Buffer, fields: Header): void => {
  header.fill(0, 0, blockBytes)
  header.write(fields.name, 0, "latin1")
  octal(header, 100, 8, fields.mode)
  octal(header, 108, 8, 0)
  octal(header, 116, 8, 0)
  octal(header, 124, 12, fields.size)
  octal(header, 136, 12, 1)
  header.write(fields.type, 156, "latin1")
  header.write(fields.link, 157, "latin1")
  header.write("ustar\u000000", 257, "latin1")
  header.write(fields.prefix, 345, "latin1")
  checksum(header)
}

/** Splits at the first slash that leaves a name short enough; null when neither part would fit. */
const splitPath = (path: string): { prefix: string; name: string } | null => {
  if (path.length <= nameBytes) return { prefix: "", name: path }
  const slash = path.indexOf("/", path.length - nameBytes - 1)
  if (slash <= 0 || slash > prefixBytes || slash === path.length - 1) return null
  return { prefix: path.slice(0, slash), name: path.slice(slash + 1) }
}

/** A PAX record counts its own length in decimal digits. */
const paxRecord = (key: string, value: string): string => {
  const rest = key.length + value.length + 3
  let length = rest + String(rest).length
  if (String(length).length + rest > length) length++
  return `${length} ${key}=${value}\n`
}

const paxHeader = (records: string): Buffer => {
  const block = Buffer.alloc(blockBytes + records.length + paddingOf(records.length))
  writeHeader(block, { prefix: "", name: "pax", mode: 0o644, size: records.length, type: "x", link: "" })
  block.write(records, blockBytes, "latin1")
  return block
}

/** The header of an entry: one block, or several when a name is long. A file's contents and padding come after it. */
export const tarHeader = (entry: TarEntry): Buffer => {
  const path = entry.kind === "directory" ? `${entry.path}/` : entry.path
  const link = entry.kind === "symlink" ? entry.target : ""
  const split = splitPath(path)
  const records =
    (split ? "" : paxRecord("path", path)) + (link.length <= nameBytes ? "" : paxRecord("linkpath", link))
  const pax = records === "" ? null : paxHeader(records)
  const block = Buffer.allocUnsafe(blockBytes)
  writeHeader(block, {
    ...(split ?? { prefix: "", name: path.slice(0, nameBytes) }),
    mode: entry.kind === "symlink" ? 0o777 : entry.kind === "file" ? entry.mode : (entry.mode ?? 0o555),
    size: entry.kind === "file" ? entry.size : 0,
    type: entry.kind === "symlink" ? "2" : entry.kind === "file" ? "0" : "5",
    link: link.slice(0, nameBytes),
  })
  return pax ? Buffer.concat([pax, block]) : block
}
