import { Effect } from "effect"
import { layersOfImage, type PublishedLayer, touchImage } from "./imageRows.ts"

export interface PublishedImage {
  readonly digest: string
  readonly configDigest: string
  readonly layers: ReadonlyArray<PublishedLayer>
  /** Of all layers, as they are pulled. */
  readonly totalBytes: number
  /** Of the layers that no earlier image of the service has. */
  readonly newBytes: number
}

interface Published {
  readonly organizationId: string
  readonly serviceId: string
  readonly createdFor?: string
}

/**
 * The image of this key, which is wanted again; null when there is none. What was new in it is told to who made it, and
 * again for the same deployment.
 */
export const publishedImage = (publication: Published, key: string, made: boolean) =>
  Effect.gen(function* () {
    const image = yield* touchImage(publication, key)
    if (image === null) return null
    const all = yield* layersOfImage(image)
    const same = publication.createdFor !== undefined && image.created_for === publication.createdFor
    return {
      digest: image.digest,
      configDigest: image.config_digest,
      layers: made || same ? all : all.map((layer) => ({ ...layer, new: false })),
      totalBytes: image.total_bytes,
      newBytes: made || same ? image.new_bytes : 0,
    } satisfies PublishedImage
  })
