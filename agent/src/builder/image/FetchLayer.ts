import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { pipeline } from "node:stream/promises"
import * as zlib from "node:zlib"
import type { OciManifest } from "@skypanel/contract/image/OciImage"
import { formatSize } from "@skypanel/contract/Resources"
import { Data } from "effect"
import { ImageUnfit } from "./Manifest.ts"
import type { Registry } from "./Registry.ts"
import { RegistryFailed } from "./RegistryRequest.ts"

type Layer = OciManifest["layers"][number]

/** The layer came, and this machine could not write it: no registry is to blame. */
export class WriteFailed extends Data.TaggedError("WriteFailed")<{ readonly detail: string }> {}

/** Each has to bring something. */
const breaksMost = 5

const damaged = (detail: string) => new ImageUnfit({ code: "image-damaged", detail })
const short = (digest: string) => digest.slice(0, "sha256:".length + 12)

/** All of the bytes: a disk that is nearly full takes a part of them first. */
const write = async (handle: FileHandle, bytes: Buffer, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle
      .write(bytes, done, bytes.length - done, at + done)
      .catch(({ message }: Error) => {
        throw new WriteFailed({ detail: message })
      })
    done += bytesWritten
  }
}

/** Writes the blob as it comes. One that breaks off is gone on with where it broke off. */
export const fetchLayer = async (
  registry: Registry,
  layer: Layer,
  file: string,
  signal: AbortSignal,
): Promise<void> => {
  const handle = await open(file, "w", 0o600)
  try {
    let hash = createHash("sha256")
    let size = 0
    for (let breaks = 0; size < layer.size; ) {
      const before = size
      const range = size === 0 ? {} : { range: `bytes=${size}-` }
      const { body, status } = await registry.get(`blobs/${layer.digest}`, range, signal)
      if (status === 200 && size > 0) {
        // It gives no parts.
        hash = createHash("sha256")
        size = 0
      }
      try {
        for await (const bytes of body as AsyncIterable<Buffer>) {
          if (size + bytes.length > layer.size)
            throw damaged(`The layer ${short(layer.digest)} is longer than it says.`)
          hash.update(bytes)
          await write(handle, bytes, size)
          size += bytes.length
        }
      } catch (cause) {
        if (cause instanceof ImageUnfit || cause instanceof WriteFailed || signal.aborted) throw cause
      } finally {
        body.destroy()
      }
      if (size < layer.size && (++breaks > breaksMost || size <= before))
        throw new RegistryFailed({ detail: `the layer ${short(layer.digest)} broke off`, again: false })
    }
    if (`sha256:${hash.digest("hex")}` !== layer.digest)
      throw damaged(`The layer ${short(layer.digest)} is not what its digest says.`)
  } finally {
    await handle.close()
  }
}

const unpacker = (mediaType: Layer["mediaType"]) => {
  if (/gzip$/.test(mediaType)) return zlib.createGunzip({ chunkSize: 256 * 1024 })
  if (!/zstd$/.test(mediaType)) return null
  if (zlib.createZstdDecompress === undefined)
    throw damaged("Its layers are of zstd, which this builder cannot read.")
  return zlib.createZstdDecompress({ chunkSize: 256 * 1024 })
}

/**
 * How much a worker has to write for it, which has to be what the image's configuration says of it: an archive that
 * hardly takes room itself may fill any disk.
 */
export const unpackedSize = async (
  file: string,
  { mediaType, digest }: Pick<Layer, "mediaType" | "digest">,
  diffId: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<number> => {
  const hash = createHash("sha256")
  let size = 0
  const count = async (pieces: AsyncIterable<Buffer>) => {
    for await (const bytes of pieces) {
      size += bytes.length
      if (size > bytesMax)
        throw new ImageUnfit({
          code: "image-too-large",
          detail: `Unpacked it takes more than ${formatSize(bytesMax)}.`,
        })
      hash.update(bytes)
    }
  }
  const source = createReadStream(file, { highWaterMark: 256 * 1024 })
  const unpack = unpacker(mediaType)
  try {
    await (unpack === null
      ? pipeline(source, count, { signal })
      : pipeline(source, unpack, count, { signal }))
  } catch (cause) {
    if (cause instanceof ImageUnfit || signal.aborted) throw cause
    throw damaged(`The layer ${short(digest)} cannot be unpacked.`)
  }
  if (`sha256:${hash.digest("hex")}` !== diffId)
    throw damaged(`What is in the layer ${short(digest)} is not what the configuration says.`)
  return size
}
