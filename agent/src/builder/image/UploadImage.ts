import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { Readable } from "node:stream"
import type { ImageListing } from "@skypanel/contract/image/ImageListing"
import {
  type LayerContents,
  layerContentsHeaders,
  readLayerContents,
} from "@skypanel/contract/image/LayerContents"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { askPath, isMissing, narInfoUrl, patiently, UploadFailed, uploadFileUrl } from "../Upload.ts"
import { fileUpload, narInfoOf, type StoreFile } from "./StoreFile.ts"
import { fixedPath, textPath } from "./StorePath.ts"

/** A layer's blob, as an image names it. */
export interface ImageLayer {
  readonly digest: string
  readonly size: number
}

/** A blob that was read and unpacked once, and whose digests are right. */
export interface LayerFile extends ImageLayer, LayerContents {
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

const put = (
  url: string,
  body: ReadableStream | string,
  headers: Readonly<Record<string, string>> = {},
): Effect.Effect<void, UploadFailed> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(url, {
        method: "PUT",
        body,
        headers,
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

const uploadFile = (
  space: BuildSpace,
  file: StoreFile,
  headers: Readonly<Record<string, string>> = {},
): Effect.Effect<void, UploadFailed> =>
  Effect.gen(function* () {
    const target = targetOf(space)
    const { fileName, text } = yield* Effect.promise((signal) => narInfoOf(file, signal))
    const body = Readable.toWeb(Readable.from(fileUpload(file))) as ReadableStream
    yield* put(uploadFileUrl(target, fileName), body)
    yield* put(narInfoUrl(target, file.storePath), text, headers)
  })

/** Whether the platform has the whole image already: then nothing of it has to be fetched. */
export const isImageStored = (space: BuildSpace, image: ImageOfBlobs): Effect.Effect<boolean, BuildFailed> =>
  patiently(
    space,
    Effect.map(isMissing(narInfoUrl(targetOf(space), listingFile(image).storePath)), (missing) => !missing),
  )

export interface FoundLayers<L> {
  /** What is in those that a build of the organization has brought before, by digest. */
  readonly stored: ReadonlyMap<string, LayerContents>
  /** The others; each once. */
  readonly missing: ReadonlyArray<L>
}

/** Which of the layers the platform has for the organization. */
export const findLayers = <L extends ImageLayer>(
  space: BuildSpace,
  layers: ReadonlyArray<L>,
): Effect.Effect<FoundLayers<L>, BuildFailed> => {
  const each = [...new Map(layers.map((layer) => [layer.digest, layer])).values()]
  const ask = (layer: L) =>
    Effect.map(askPath(narInfoUrl(targetOf(space), layerPath(layer))), (headers) =>
      readLayerContents((name) => headers?.get(name) ?? null),
    )
  return Effect.map(patiently(space, Effect.forEach(each, ask, { concurrency: 16 })), (answers) => ({
    stored: new Map(
      each.flatMap(({ digest }, at) => (answers[at] === null ? [] : [[digest, answers[at]!] as const])),
    ),
    missing: each.filter((_, at) => answers[at] === null),
  }))
}

/** Brings a layer to the platform. One whose upload breaks off is sent again. */
export const uploadLayer = (space: BuildSpace, layer: LayerFile): Effect.Effect<void, BuildFailed> =>
  patiently(space, uploadFile(space, layerFile(layer), layerContentsHeaders(layer)))

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
    const { missing } = yield* findLayers(space, image.layers)
    const bytes = missing.reduce((sum, { size }) => sum + size, 0)
    space.note(`uploading ${missing.length} of ${image.layers.length} layers, ${formatSize(bytes)}`)
    yield* Effect.forEach(missing, (layer) => uploadLayer(space, layer), { discard: true })
    return yield* uploadListing(space, image)
  })
