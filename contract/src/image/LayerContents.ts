import { formatSize } from "../Resources.ts"

/** What comes out of a layer's blob, as the builder that unpacked it says. */
export interface LayerContents {
  readonly unpackedBytes: number
  /** Of the tar. */
  readonly diffId: string
}

/** What a worker may have to write for one image. */
export const imageUnpackedMost = 16 * 1024 ** 3

/** Empty layers of some programs are all alike; more than once a larger one only fills disks. */
const repeatedMost = 1024 ** 2

const sizeHeader = "Skypanel-Unpacked-Bytes"
const diffIdHeader = "Skypanel-Diff-Id"

/** With a layer that is brought, and in the answer to whether it is there. */
export const layerContentsHeaders = ({ unpackedBytes, diffId }: LayerContents): Record<string, string> => ({
  [sizeHeader]: String(unpackedBytes),
  [diffIdHeader]: diffId,
})

/** Null when they are not there, or are none. */
export const readLayerContents = (header: (name: string) => string | null): LayerContents | null => {
  const size = header(sizeHeader) ?? ""
  const diffId = header(diffIdHeader) ?? ""
  return /^\d{1,15}$/.test(size) && /^sha256:[0-9a-f]{64}$/.test(diffId)
    ? { unpackedBytes: Number(size), diffId }
    : null
}

export interface ContentsProblem {
  readonly code: "image-too-large" | "image-damaged"
  readonly detail: string
}

/**
 * Why an image of these layers cannot be unpacked, or null. A worker writes each of them, also one that is there twice.
 * `diffIds` are the configuration's.
 */
export const contentsProblem = (
  layers: ReadonlyArray<{ readonly digest: string }>,
  diffIds: ReadonlyArray<string>,
  contents: ReadonlyMap<string, LayerContents>,
  unpackedMost: number,
): ContentsProblem | null => {
  const seen = new Set<string>()
  let unpacked = 0
  for (const [at, { digest }] of layers.entries()) {
    const name = digest.slice(0, "sha256:".length + 12)
    const found = contents.get(digest)
    if (found === undefined)
      return { code: "image-damaged", detail: `Nobody has unpacked the layer ${name}.` }
    if (found.diffId !== diffIds[at])
      return {
        code: "image-damaged",
        detail: `What is in the layer ${name} is not what the configuration says.`,
      }
    if (seen.has(digest) && found.unpackedBytes > repeatedMost)
      return { code: "image-damaged", detail: `The layer ${name} is in it more than once.` }
    seen.add(digest)
    unpacked += found.unpackedBytes
  }
  return unpacked > unpackedMost
    ? { code: "image-too-large", detail: `Unpacked it takes more than ${formatSize(unpackedMost)}.` }
    : null
}
