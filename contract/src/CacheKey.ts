import { Schema } from "effect"
import { Timestamp } from "./Id.ts"

/** A key that the platform signs store paths with. */
export const CacheKey = Schema.Struct({
  name: Schema.String,
  /** `name:base64`, for `trusted-public-keys` of who reads the binary cache. */
  publicKey: Schema.String,
  /**
   * - `signs`: the newest, which also signs what is not a store path
   * - `overlaps`: signs store paths beside the newest, for readers that do not know that one yet
   * - `retired`: nothing that it signed is said any more
   * - `lost`: its secret half is not in the data folder
   */
  state: Schema.Literals(["signs", "overlaps", "retired", "lost"]),
  createdAt: Timestamp,
  retiredAt: Schema.NullOr(Timestamp),
  /** Store paths that it has yet to sign; a new key signs what is there in the background. */
  unsigned: Schema.Int,
})
export type CacheKey = typeof CacheKey.Type
