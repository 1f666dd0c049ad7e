import type { Readable } from "node:stream"
import { baseLayerTar, storeFolderEntries } from "../domain/artifacts/baseLayer.ts"
import { NarToTar } from "../domain/artifacts/NarToTar.ts"
import type { StorePath } from "../domain/artifacts/StorePath.ts"
import { tarEnd } from "../domain/artifacts/tar.ts"
import { decompress } from "./zstd.ts"

/** A part of a layer's tar: a store path's entries, or the fixed bytes around them. */
export interface LayerPart {
  /** Null while nobody has counted them. */
  readonly bytes: number | null
  readonly open: () => AsyncIterable<Buffer>
}

/** The NAR of each path of a layer, in the layer's order. */
export interface LayerSource {
  readonly storePath: StorePath
  readonly tarBytes: number | null
  readonly nar: () => Readable
}

async function* tarOf({ storePath, nar }: LayerSource): AsyncGenerator<Buffer> {
  const tar = new NarToTar(storePath)
  for await (const bytes of decompress(nar())) yield* tar.push(bytes)
  yield* tar.end()
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

const fixed = (bytes: Buffer): LayerPart => ({ bytes: bytes.length, open: () => only(bytes) })

/** The parts of the layer that holds these paths, made from their NARs as they are read. */
export const layerParts = (sources: ReadonlyArray<LayerSource>): ReadonlyArray<LayerPart> => [
  fixed(storeFolderEntries),
  ...sources.map((source) => ({ bytes: source.tarBytes, open: () => tarOf(source) })),
  fixed(tarEnd),
]

export const baseLayerParts: ReadonlyArray<LayerPart> = [fixed(baseLayerTar)]

/**
 * The bytes `start` to `end` of the parts together, both included. Parts before `start` are not opened where their
 * size is known.
 */
export async function* readParts(
  parts: ReadonlyArray<LayerPart>,
  start = 0,
  end = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  let at = 0
  for (const part of parts) {
    if (at > end) return
    if (part.bytes !== null && at + part.bytes <= start) {
      at += part.bytes
      continue
    }
    for await (const bytes of part.open()) {
      const piece = bytes.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at))
      at += bytes.length
      if (piece.length > 0) yield piece
      if (at > end) return
    }
  }
}
