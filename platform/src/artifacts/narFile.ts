import { createHash } from "node:crypto"
import type { Readable } from "node:stream"
import { InvalidNar, NarReader } from "../domain/artifacts/NarReader.ts"
import type { LayerPart } from "./layerTar.ts"
import { decompress } from "./zstd.ts"

/** The bytes of the one file that an archive consists of. Throws InvalidNar when it is something else. */
export async function* fileOfNar(nar: Readable): AsyncGenerator<Buffer> {
  let pieces: Array<Buffer> = []
  const not = (): never => {
    throw new InvalidNar("it is no single file")
  }
  const reader = new NarReader({
    directory: not,
    symlink: not,
    regular: () => undefined,
    contents: (bytes) => void pieces.push(bytes),
  })
  for await (const bytes of decompress(nar)) {
    pieces = []
    reader.push(bytes)
    yield* pieces
  }
  reader.end()
}

/** A blob as the only part of a layer. */
export const blobParts = (bytes: number, nar: () => Readable): ReadonlyArray<LayerPart> => [
  { bytes, open: () => fileOfNar(nar()) },
]

/** Throws when the file is longer than that. */
export const readSmallFile = async (nar: Readable, bytesMax: number): Promise<Buffer> => {
  const pieces: Array<Buffer> = []
  let size = 0
  for await (const bytes of fileOfNar(nar)) {
    size += bytes.length
    if (size > bytesMax) throw new InvalidNar(`it is longer than ${bytesMax} bytes`)
    pieces.push(bytes)
  }
  return Buffer.concat(pieces)
}

export const digestOfFile = async (
  nar: Readable,
  signal: AbortSignal,
): Promise<{ readonly digest: string; readonly size: number }> => {
  const hash = createHash("sha256")
  let size = 0
  for await (const bytes of fileOfNar(nar)) {
    signal.throwIfAborted()
    hash.update(bytes)
    size += bytes.length
  }
  return { digest: `sha256:${hash.digest("hex")}`, size }
}
