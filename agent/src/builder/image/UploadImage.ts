import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { Readable } from "node:stream"
import type { ImageListing } from "@skypanel/contract/image/ImageListing"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { isMissing, narInfoUrl, patiently, UploadFailed, uploadFileUrl } from "../Upload.ts"
import { fileUpload, narInfoOf, type StoreFile } from "./StoreFile.ts"
import { fixedPath, textPath } from "./StorePath.ts"

/** A layer's blob, as an image names it. */
export interface ImageLayer {
  readonly digest: string
  readonly size: number
}

/** A blob that was read once, and whose digest is right. */
export interface LayerFile extends ImageLayer {
  readonly file: string
}

/** An image of blobs: manifest and configuration byte by byte, and its layers from the bottom. */
export interface ImageOfBlobs<L extends ImageLayer = ImageLayer> {
  readonly manifest: string
  readonly config: string
  readonly layers: ReadonlyArray<L>
}

const putSeconds = 1800

const hexOf = (digest: string) => digest.slice("sha256:".length)
const layerPath = ({ digest }: ImageLayer) => fixedPath(`layer-${hexOf(digest)}`, hexOf(digest))

/** The file that stands for the image: it names everything that the image consists of. */
export const listingFile = ({ manifest, config, layers }: ImageOfBlobs): StoreFile => {
  const listing: ImageListing = {
    format: "skypanel.image.v1",
    manifest,
    config,
    layers: layers.map((layer) => ({ digest: layer.digest, size: layer.size, storePath: layerPath(layer) })),
  }
  const bytes = Buffer.from(JSON.stringify(listing))
  const references = [...new Set(layers.map(layerPath))].sort()
  const hash = createHash("sha256").update(bytes).digest("hex")
  return {
    storePath: textPath("image.json", hash, references),
    references,
    size: bytes.length,
    open: () => Readable.from([bytes]),
  }
}

const layerFile = (layer: LayerFile): StoreFile => ({
  storePath: layerPath(layer),
  references: [],
  size: layer.size,
  open: () => createReadStream(layer.file, { highWaterMark: 1024 * 1024 }),
})

const targetOf = (space: BuildSpace) => `${space.config.controlPlane}${space.assignment.uploadPath}`

const put = (url: string, body: ReadableStream | string): Effect.Effect<void, UploadFailed> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(url, {
        method: "PUT",
        body,
        duplex: "half",
        signal: AbortSignal.any([signal, AbortSignal.timeout(putSeconds * 1000)]),
      } as RequestInit)
      return { status: response.status, text: (await response.text()).trim() }
    },
    catch: () => new UploadFailed({ detail: "The platform does not answer.", again: true }),
  }).pipe(
    Effect.flatMap(({ status, text }) =>
      status === 200
        ? Effect.void
        : new UploadFailed({ detail: `The platform answered ${status}: ${text}`, again: status === 503 }),
    ),
  )

const uploadFile = (space: BuildSpace, file: StoreFile): Effect.Effect<void, UploadFailed> =>
  Effect.gen(function* () {
    const target = targetOf(space)
    const { fileName, text } = yield* Effect.promise((signal) => narInfoOf(file, signal))
    const body = Readable.toWeb(Readable.from(fileUpload(file))) as ReadableStream
    yield* put(uploadFileUrl(target, fileName), body)
    yield* put(narInfoUrl(target, file.storePath), text)
  })

const ask = (space: BuildSpace, storePath: string) => isMissing(narInfoUrl(targetOf(space), storePath))

/** Whether the platform has the whole image already: then nothing of it has to be fetched. */
export const isImageStored = (space: BuildSpace, image: ImageOfBlobs): Effect.Effect<boolean, BuildFailed> =>
  patiently(
    space,
    Effect.map(ask(space, listingFile(image).storePath), (missing) => !missing),
  )

/** Those of the layers that the platform does not have; each once. */
export const missingLayers = <L extends ImageLayer>(
  space: BuildSpace,
  layers: ReadonlyArray<L>,
): Effect.Effect<ReadonlyArray<L>, BuildFailed> => {
  const each = [...new Map(layers.map((layer) => [layer.digest, layer])).values()]
  return patiently(
    space,
    Effect.filter(each, (layer) => ask(space, layerPath(layer)), { concurrency: 16 }),
  )
}

/** Brings a layer to the platform. One whose upload breaks off is sent again. */
export const uploadLayer = (space: BuildSpace, layer: LayerFile): Effect.Effect<void, BuildFailed> =>
  patiently(space, uploadFile(space, layerFile(layer)))

/** The last step: the platform has all layers. Gives the store path that stands for the image. */
export const uploadListing = (space: BuildSpace, image: ImageOfBlobs): Effect.Effect<string, BuildFailed> => {
  const file = listingFile(image)
  return Effect.as(patiently(space, uploadFile(space, file)), file.storePath)
}

/** Brings an image to the artifact store, whose registry answers with exactly these bytes then. */
export const uploadImage = (
  space: BuildSpace,
  image: ImageOfBlobs<LayerFile>,
): Effect.Effect<string, BuildFailed> =>
  Effect.gen(function* () {
    const missing = yield* missingLayers(space, image.layers)
    const bytes = missing.reduce((sum, { size }) => sum + size, 0)
    space.note(`uploading ${missing.length} of ${image.layers.length} layers, ${formatSize(bytes)}`)
    yield* Effect.forEach(missing, (layer) => uploadLayer(space, layer), { discard: true })
    return yield* uploadListing(space, image)
  })
