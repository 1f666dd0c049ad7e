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

/** How long Nix remembers what a cache said of a path, signatures among it (`narinfo-cache-positive-ttl`). */
export const narinfoRememberedMs = 30 * 86_400_000

/** The key that signs, while Nix may still remember what was said of a path before there was that key; else null. */
export const youngKey = (keys: ReadonlyArray<CacheKey>, now: number): CacheKey | null => {
  const newest = keys.find(({ state }) => state === "signs")
  return newest !== undefined && now - Date.parse(newest.createdAt) < narinfoRememberedMs ? newest : null
}
