import { createHash } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { readFile, realpath, stat } from "node:fs/promises"
import { join } from "node:path"
import { Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import { imageLayersMax, imageTextMaxBytes } from "@skypanel/contract/image/ImageListing"
import type { LayerContents } from "@skypanel/contract/image/LayerContents"
import { imageUnpackedMost } from "@skypanel/contract/image/LayerContents"
import { decodeConfig, type OciConfig } from "@skypanel/contract/image/OciImage"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect, Result, Schema } from "effect"
import type { ImageLayer } from "../image/UploadImage.ts"

/** What `docker save` wrote. A build may have had its hands in it: nothing of it is believed. */
export interface SavedImage {
  readonly config: string
  readonly settings: OciConfig
  /** Files with a tar each, from the bottom, and the digest of each. */
  readonly layers: ReadonlyArray<{ readonly file: string; readonly diffId: string }>
}

/** Why it is no image: half a sentence. */
export class BadImage extends Schema.TaggedError<BadImage>()("BadImage", { reason: Schema.String }) {}

const SavedManifest = Schema.fromJsonString(
  Schema.Tuple([
    Schema.Struct({ Config: Schema.String, Layers: Schema.NullOr(Schema.Array(Schema.String)) }),
  ]),
)

const bad = (reason: string) => new BadImage({ reason })

/** Older Docker links layers that are alike; a link that leads elsewhere is refused with whatever else is no file here. */
const fileIn = (folder: string, name: string, maxBytes: number): Effect.Effect<string, BadImage> =>
  Effect.tryPromise({
    try: async () => {
      const path = await realpath(join(folder, name))
      const found = await stat(path)
      if (!path.startsWith(`${await realpath(folder)}/`) || !found.isFile() || found.size > maxBytes) throw 0
      return path
    },
    catch: () => bad("a file of it is missing"),
  })

const textIn = (folder: string, name: string) =>
  Effect.flatMap(fileIn(folder, name, imageTextMaxBytes), (path) =>
    Effect.promise(() => readFile(path, "utf8")),
  )

/** Reads the folder that `docker save` was unpacked to. */
export const readSavedImage = (
  folder: string,
  bytesMax = imageUnpackedMost,
): Effect.Effect<SavedImage, BadImage> =>
  Effect.gen(function* () {
    const manifest = Schema.decodeUnknownResult(SavedManifest)(yield* textIn(folder, "manifest.json"))
    if (Result.isFailure(manifest)) return yield* bad("its list of files cannot be read")
    const [{ Config, Layers }] = manifest.success
    const config = yield* textIn(folder, Config)
    const settings = decodeConfig(config)
    if (Result.isFailure(settings)) return yield* bad("its configuration cannot be read")
    const names = Layers ?? []
    const diffIds = settings.success.rootfs.diff_ids
    if (names.length !== diffIds.length) return yield* bad("its layers are not those of its configuration")
    if (names.length > imageLayersMax) return yield* bad(`it has more than ${imageLayersMax} layers`)
    const layers = yield* Effect.forEach(names, (name, index) =>
      Effect.map(fileIn(folder, name, bytesMax), (file) => ({ file, diffId: diffIds[index]! })),
    )
    // Layers that are alike may be one file, and are still uploaded and pulled one by one.
    const sizes = yield* Effect.forEach(layers, ({ file }) => Effect.promise(() => stat(file)))
    if (sizes.reduce((sum, { size }) => sum + size, 0) > bytesMax)
      return yield* bad(`its layers are more than ${formatSize(bytesMax)}`)
    return { config, settings: settings.success, layers }
  })

/** Passes bytes on and remembers their digest and number. */
const counted = () => {
  const hash = createHash("sha256")
  let size = 0
  const passing = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      size += chunk.length
      done(null, chunk)
    },
  })
  return { passing, result: (): ImageLayer => ({ digest: `sha256:${hash.digest("hex")}`, size }) }
}

/** Compresses a layer as it is stored and pulled: quickly, and always to the same bytes. */
export const compressLayer = (
  layer: SavedImage["layers"][number],
  to: string,
): Effect.Effect<ImageLayer & LayerContents, BadImage> =>
  Effect.gen(function* () {
    const raw = counted()
    const packed = counted()
    const parts = [raw.passing, createGzip({ level: 3 }), packed.passing, createWriteStream(to)] as const
    yield* Effect.promise((signal) => pipeline(createReadStream(layer.file), ...parts, { signal }))
    const { digest: diffId, size: unpackedBytes } = raw.result()
    if (diffId !== layer.diffId) return yield* bad("a layer is not the one that its digest names")
    return { ...packed.result(), diffId, unpackedBytes }
  })

const manifestType = "application/vnd.oci.image.manifest.v1+json"

/** The manifest of an image with this configuration and these layers. */
export const manifestOf = (config: string, layers: ReadonlyArray<ImageLayer>): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: `sha256:${createHash("sha256").update(config).digest("hex")}`,
      size: Buffer.byteLength(config),
    },
    layers: layers.map(({ digest, size }) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest,
      size,
    })),
  })
