import { Schema } from "effect"
import { ServiceId, Timestamp } from "./Id.ts"
import { ImageDigest } from "./image/ImageListing.ts"

/* Images on a worker: which stay there, what it says of them, and what an administrator sees. */

/** Images of nothing but layers that several services' images have: a worker pulls them while it has nothing else to do. */
export const CommonImages = Schema.Struct({
  /** Where they are, without tag or digest. */
  repository: Schema.String,
  username: Schema.String,
  password: Schema.String,
  /** The most wanted first. What is not among them goes again. */
  images: Schema.Array(Schema.Struct({ digest: ImageDigest, bytes: Schema.Int })),
})
export type CommonImages = typeof CommonImages.Type

/** What of the platform's images stays on a worker, and from when on others of them go. */
export const ImageKeeping = Schema.Struct({
  /** Host and port: what was pulled from there is the platform's, and nothing else is touched. */
  registry: Schema.String,
  /** What is placed here is made of these. */
  needed: Schema.Array(ImageDigest),
  /** To go back to: the last to go. */
  kept: Schema.Array(ImageDigest),
  /** They may take as much together; null: what the disk has. */
  bytesMost: Schema.NullOr(Schema.Int),
  /** Of the disk so much may be in use, by whatever. */
  diskPercent: Schema.Int,
})
export type ImageKeeping = typeof ImageKeeping.Type

/** An image that a worker has removed to make room. */
export const ImageRemoved = Schema.Struct({
  serviceId: ServiceId,
  digest: ImageDigest,
  /** What of it no other image had. */
  freedBytes: Schema.Int,
  at: Timestamp,
})
export type ImageRemoved = typeof ImageRemoved.Type

/** So many are remembered. */
export const imagesRemovedMost = 10

/** The platform's images on a worker. */
export const ImagesObserved = Schema.Struct({
  /** What they take at most: layers that several have are one, but others' images may be in it. */
  bytes: Schema.Int,
  count: Schema.Int,
  /** Those that may go when there is too little room. */
  spare: Schema.Int,
  /** That they are on. */
  disk: Schema.Struct({ totalBytes: Schema.Int, usedBytes: Schema.Int }),
  /** The newest first. */
  removed: Schema.Array(ImageRemoved).check(Schema.isMaxLength(imagesRemovedMost)),
  /** Why one that should have gone is still there; it is tried again. */
  problem: Schema.NullOr(Schema.String.check(Schema.isMaxLength(500))),
})
export type ImagesObserved = typeof ImagesObserved.Type

/** As an administrator sees them. */
export const WorkerImages = Schema.Struct({
  ...ImagesObserved.fields,
  /** Lately, to make room; the newest first. */
  removed: Schema.Array(
    Schema.Struct({
      /** Both null: it is deleted since. */
      organization: Schema.NullOr(Schema.String),
      service: Schema.NullOr(Schema.String),
      digest: ImageDigest,
      freedBytes: Schema.Int,
      at: Timestamp,
    }),
  ),
})
export type WorkerImages = typeof WorkerImages.Type
