import { createHash } from "node:crypto"
import { nix32 } from "./StorePath.ts"

/** A file as a store path: what it is called, and where its bytes come from. */
export interface StoreFile {
  readonly storePath: string
  /** Sorted. */
  readonly references: ReadonlyArray<string>
  readonly size: number
  readonly open: () => AsyncIterable<Uint8Array>
}

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
const token = (text: string): Buffer =>
  Buffer.concat([word(text.length), Buffer.from(text), Buffer.alloc(-text.length & 7)])

const head = Buffer.concat(["nix-archive-1", "(", "type", "regular", "contents"].map(token))
const tail = token(")")
const narSize = (size: number) => head.length + 8 + size + (-size & 7) + tail.length

/** The archive of a single file. Throws when the file is not as long as it was. */
async function* narOf({ size, open }: StoreFile): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([head, word(size)])
  let read = 0
  for await (const bytes of open()) {
    read += bytes.length
    yield bytes
  }
  if (read !== size) throw new Error(`a file has ${read} bytes, not ${size}`)
  yield Buffer.concat([Buffer.alloc(-size & 7), tail])
}

/** The most that a block holds (RFC 8878, section 3.1.1.2), and so the frame's window: 2^(10 + 7). */
const blockBytes = 128 * 1024
const frameHead = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3])

const blockHead = (size: number, last: boolean): Buffer => {
  const bytes = Buffer.alloc(3)
  bytes.writeUIntLE((size << 3) | (last ? 1 : 0), 0, 3)
  return bytes
}

/** As zstd that nothing was compressed in: layers are compressed already, and not every runtime has a compressor. */
async function* framed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield frameHead
  let pieces: Array<Uint8Array> = []
  let size = 0
  for await (let bytes of source)
    while (bytes.length > 0) {
      const piece = bytes.subarray(0, blockBytes - size)
      bytes = bytes.subarray(piece.length)
      pieces.push(piece)
      size += piece.length
      if (size < blockBytes) continue
      yield Buffer.concat([blockHead(size, false), ...pieces])
      pieces = []
      size = 0
    }
  yield Buffer.concat([blockHead(size, true), ...pieces])
}

/** What is uploaded for a file: the same bytes each time. */
export const fileUpload = (file: StoreFile): AsyncGenerator<Uint8Array> => framed(narOf(file))

/** Its entry in a binary cache. Reads the file once. */
export const narInfoOf = async (
  file: StoreFile,
  signal: AbortSignal,
): Promise<{ readonly fileName: string; readonly text: string }> => {
  const fileHash = createHash("sha256")
  const narHash = createHash("sha256")
  let fileSize = 0
  async function* watched() {
    for await (const bytes of narOf(file)) {
      signal.throwIfAborted()
      narHash.update(bytes)
      yield bytes
    }
  }
  for await (const bytes of framed(watched())) {
    fileHash.update(bytes)
    fileSize += bytes.length
  }
  const hash = nix32(fileHash.digest())
  const lines = [
    `StorePath: ${file.storePath}`,
    `URL: nar/${hash}.nar.zst`,
    "Compression: zstd",
    `FileHash: sha256:${hash}`,
    `FileSize: ${fileSize}`,
    `NarHash: sha256:${nix32(narHash.digest())}`,
    `NarSize: ${narSize(file.size)}`,
    `References: ${file.references.map((path) => path.slice("/nix/store/".length)).join(" ")}`,
    "",
  ]
  return { fileName: `nar/${hash}.nar.zst`, text: lines.join("\n") }
}
