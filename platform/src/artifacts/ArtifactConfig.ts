import { availableParallelism } from "node:os"
import { Context, Effect, Layer, Redacted, Result } from "effect"
import { type Bucket, parseBucketUrl } from "../domain/artifacts/bucketUrl.ts"
import type { UpstreamCache } from "../domain/artifacts/upstream.ts"
import { BadBucketUrl } from "./errors.ts"

export interface ArtifactSettings {
  /** Artifacts lie in its folder `artifacts`. */
  readonly dataFolder: string
  /** Where NARs lie instead; null: there as well. */
  readonly bucket: Bucket | null
  /** The platform's secret; credentials are derived from it. */
  readonly secret: Redacted.Redacted
  /** Whether the cache answers without a credential. Whoever knows a path's hash can then read it. */
  readonly openCache: boolean
  /** Of the key that signs store paths; made at the first start. */
  readonly keyName: string
  /** Of one uploaded file, compressed. */
  readonly fileBytes: number
  /** Of one NAR, decompressed. */
  readonly narBytes: number
  /** An upload that would leave less room than this on the disk is refused. */
  readonly reserveBytes: number
  /** The share of the disk that what comes from upstream caches leaves free, so that it never takes the uploads' room. */
  readonly upstreamReserve: number
  /** Of NARs that are received at the same time; more wait. */
  readonly uploads: number
  /** Of layers that are compressed as they are sent, at the same time; more are sent as they are. */
  readonly compressions: number
  /** Of files in which layers are kept as they were sent; 0: none is. */
  readonly keptLayerBytes: number
  /** Asked for what is not here. */
  readonly upstreams: ReadonlyArray<UpstreamCache>
  /** Milliseconds. */
  readonly upstreamTimes: {
    /** How long an answer is waited for. */
    readonly budgetMs: number
    /** How long an upstream cache that failed three times in a row is left alone. */
    readonly coolDownMs: number
    /** How long it is believed that one has a path, and that none has. */
    readonly hitMs: number
    readonly missMs: number
    /** A download from which nothing comes for so long is over. */
    readonly idleMs: number
  }
}

const GiB = 1024 ** 3

/** The bucket that the setting names; null when it is empty. */
export const bucketAt = (url: Redacted.Redacted): Effect.Effect<Bucket | null, BadBucketUrl> => {
  if (Redacted.value(url) === "") return Effect.succeed(null)
  const bucket = parseBucketUrl(Redacted.value(url))
  return Result.isSuccess(bucket)
    ? Effect.succeed(bucket.success)
    : Effect.fail(new BadBucketUrl({ message: `SKYPANEL_BUCKET_URL: ${bucket.failure}` }))
}

/** Where artifacts lie, and the limits of what is taken in. */
export class ArtifactConfig extends Context.Service<ArtifactConfig, ArtifactSettings>()(
  "platform/artifacts/ArtifactConfig",
) {
  static readonly layer = (
    settings: Pick<ArtifactSettings, "dataFolder" | "secret"> & Partial<ArtifactSettings>,
  ) =>
    Layer.succeed(ArtifactConfig, {
      bucket: null,
      openCache: false,
      keyName: "skypanel-1",
      fileBytes: 8 * GiB,
      narBytes: 16 * GiB,
      reserveBytes: GiB / 4,
      upstreamReserve: 0.1,
      uploads: 8,
      compressions: Math.max(1, Math.floor(availableParallelism() / 2)),
      keptLayerBytes: 2 * GiB,
      upstreams: [],
      upstreamTimes: {
        budgetMs: 2000,
        coolDownMs: 30_000,
        hitMs: 600_000,
        missMs: 60_000,
        idleMs: 60_000,
      },
      ...settings,
    })
}
