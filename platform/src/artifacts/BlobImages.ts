import { ImageListing, imageListingMaxBytes } from "@skypanel/contract/image/ImageListing"
import type { ImageSettings } from "@skypanel/contract/image/ImageSettings"
import {
  contentsProblem,
  imageUnpackedMost,
  type LayerContents,
} from "@skypanel/contract/image/LayerContents"
import { Context, Effect, Layer, Result, Schema } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { readBlobImage } from "../domain/artifacts/blobImage.ts"
import { digestOf } from "../domain/artifacts/ociImage.ts"
import { parseStorePath } from "../domain/artifacts/StorePath.ts"
import { ImageError, type StorageFailed } from "./errors.ts"
import { saveImage } from "./imageRows.ts"
import { Layers } from "./Layers.ts"
import { NarFiles } from "./NarFiles.ts"
import { readSmallFile } from "./narFile.ts"
import { blobsOf } from "./organizationBlobs.ts"
import { type PublishedImage, publishedImage } from "./publishedImage.ts"

export interface BlobPublication {
  readonly organizationId: string
  readonly serviceId: string
  /** The listing: it was uploaded before, with the layers that it refers to. */
  readonly storePath: string
  /** The deployment, so that publishing again for the same one answers the same. */
  readonly createdFor?: string
}

export interface PublishedBlobImage extends PublishedImage {
  readonly settings: ImageSettings
}

const decodeListing = Schema.decodeUnknownEffect(Schema.fromJsonString(ImageListing))

/**
 * Images whose blobs are kept as they came, each as the one file of a store path: manifest, configuration and layers are
 * answered byte by byte. What a builder says of them is looked at here once more.
 */
export class BlobImages extends Context.Service<
  BlobImages,
  {
    readonly publish: (
      publication: BlobPublication,
    ) => Effect.Effect<PublishedBlobImage, ImageError | StorageFailed | SqlError.SqlError>
  }
>()("platform/artifacts/BlobImages") {
  static readonly layer = Layer.effect(
    BlobImages,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const files = yield* NarFiles
      const layers = yield* Layers

      const readListing = Effect.fnUntraced(function* (storePath: string) {
        const base = parseStorePath(storePath)?.base
        const [row] =
          base === undefined
            ? []
            : yield* sql<{ file_hash: string }>`
          select file_hash from store_path where base = ${base}`
        if (base === undefined || row === undefined)
          return yield* new ImageError({ message: `${storePath} was not uploaded to this platform` })
        const bytes = yield* Effect.tryPromise({
          try: () => readSmallFile(files.read(row.file_hash), imageListingMaxBytes),
          catch: (cause) =>
            new ImageError({ message: `its listing cannot be read: ${(cause as Error).message}` }),
        })
        const listing = yield* decodeListing(bytes.toString("utf8")).pipe(
          Effect.catch(() => Effect.fail(new ImageError({ message: "its listing is none" }))),
        )
        const image = readBlobImage(listing)
        if (Result.isFailure(image)) return yield* new ImageError({ message: image.failure })
        return { base, image: image.success, blobs: listing.layers }
      })

      /** Only what the listing refers to stays with it. */
      const checkReferences = Effect.fnUntraced(function* (base: string, storePaths: ReadonlyArray<string>) {
        const rows = yield* sql<{ path: string }>`
          select '/nix/store/' || reference as path from store_reference where referrer = ${base}`
        const references = new Set(rows.map(({ path }) => path))
        const stranger = storePaths.find((path) => !references.has(path))
        if (stranger !== undefined)
          return yield* new ImageError({ message: `its listing does not refer to ${stranger}` })
      })

      /** A digest is no right: each layer was brought by a build of the organization, which unpacked it. */
      const checkLayers = Effect.fnUntraced(function* (
        organizationId: string,
        blobs: ImageListing["layers"],
        diffIds: ReadonlyArray<string>,
      ) {
        const baseOf = (storePath: string) => parseStorePath(storePath)!.base
        const own = yield* blobsOf(
          organizationId,
          blobs.map(({ storePath }) => baseOf(storePath)),
        )
        const contents = new Map<string, LayerContents>()
        for (const { digest, storePath } of blobs) {
          const found = own.get(baseOf(storePath))
          if (found === undefined)
            return yield* new ImageError({ message: `no build of the organization has brought ${digest}` })
          contents.set(digest, found)
        }
        const problem = contentsProblem(blobs, diffIds, contents, imageUnpackedMost)
        if (problem !== null) return yield* new ImageError({ message: problem.detail })
      })

      const publish = Effect.fnUntraced(
        function* (publication: BlobPublication) {
          const { base, image, blobs } = yield* readListing(publication.storePath)
          const key = digestOf(`blobs ${base}`)
          const existing = yield* publishedImage(publication, key, false)
          if (existing !== null) return { ...existing, settings: image.settings }
          yield* checkReferences(
            base,
            blobs.map((blob) => blob.storePath),
          )
          yield* checkLayers(publication.organizationId, blobs, image.diffIds)
          const { organizationId, serviceId, createdFor = null } = publication
          const row = { organizationId, serviceId, createdFor, key, storePath: base, layers: blobs, ...image }
          const create = Effect.gen(function* () {
            for (const { storePath, digest, size } of blobs)
              yield* layers.ensureBlob(parseStorePath(storePath)!.base, { digest, size })
            return yield* sql.withTransaction(saveImage(row))
          })
          // A layer that was found may be collected before the image has it; then it is made anew.
          for (let tries = 0; !(yield* create); tries++)
            if (tries === 5)
              return yield* new ImageError({ message: "its layers are collected again and again" })
          const created = yield* publishedImage(publication, key, true)
          if (created === null) return yield* new ImageError({ message: "the service was deleted meanwhile" })
          return { ...created, settings: image.settings }
        },
        Effect.provideService(SqlClient.SqlClient, sql),
      )

      return BlobImages.of({ publish })
    }),
  )
}
