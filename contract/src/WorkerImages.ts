import { Schema } from "effect"
import { Timestamp } from "./Id.ts"

/** The platform's images on a worker, as an administrator sees them. */
export const WorkerImages = Schema.Struct({
  /** What they take at most: layers that several have are one, but others' images may be in it. */
  bytes: Schema.Int,
  count: Schema.Int,
  /** Those that may go when there is too little room. */
  spare: Schema.Int,
  /** That they are on. */
  disk: Schema.Struct({ totalBytes: Schema.Int, usedBytes: Schema.Int }),
  /** Lately, to make room; the newest first. */
  removed: Schema.Array(
    Schema.Struct({
      /** Both null: it is deleted since. */
      organization: Schema.NullOr(Schema.String),
      service: Schema.NullOr(Schema.String),
      digest: Schema.String,
      freedBytes: Schema.Int,
      at: Timestamp,
    }),
  ),
  /** Why one that should have gone is still there; it is tried again. */
  problem: Schema.NullOr(Schema.String),
})
export type WorkerImages = typeof WorkerImages.Type
