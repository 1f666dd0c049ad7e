import { Schema } from "effect"
import { Timestamp } from "./Id.ts"
import { Ordinal } from "./Ordinal.ts"

const whole = (minimum: number, maximum: number, what: string) =>
  Schema.Int.check(
    Schema.isBetween({ minimum, maximum }, { message: `${what} is between ${minimum} and ${maximum}` }),
  )

/** At least a mebibyte, so that a budget in the wrong unit is noticed; at most a pebibyte. */
const bytes = whole(1024 ** 2, 1024 ** 5, "a budget in bytes")

/** How much the artifact store may hold, and what it keeps whatever it holds. */
export const ArtifactPolicy = Schema.Struct({
  /** Of all files. Above it the oldest releases that are not kept go. Null: there is no bound. */
  totalBytes: Schema.NullOr(bytes),
  /** Of what only one organization needs. */
  organizationBytes: Schema.NullOr(bytes),
  /** The newest so many releases of each service stay whatever the budget says. */
  keepReleases: whole(1, 1000, "the number of releases"),
  /** What was wanted within this time stays; what is to go is still there for as long again. */
  graceHours: whole(2, 24 * 30, "the grace time in hours"),
  /** A collection by itself each so many hours. */
  everyHours: whole(1, 24 * 7, "the time between collections in hours"),
})
export type ArtifactPolicy = typeof ArtifactPolicy.Type

export const defaultArtifactPolicy: ArtifactPolicy = {
  totalBytes: null,
  organizationBytes: null,
  keepReleases: 10,
  graceHours: 24,
  everyHours: 6,
}

/** What a collection or a verification has done, so far or in all. */
export const ArtifactProgress = Schema.Struct({
  /** No longer answered; they go after the grace time. */
  imagesBuried: Schema.Int,
  pathsBuried: Schema.Int,
  imagesDeleted: Schema.Int,
  layersDeleted: Schema.Int,
  pathsDeleted: Schema.Int,
  filesDeleted: Schema.Int,
  bytesDeleted: Schema.Int,
  /** Files that no row knew. */
  orphansDeleted: Schema.Int,
  filesRead: Schema.Int,
  bytesRead: Schema.Int,
  /** Found missing or changed by this run. */
  damaged: Schema.Int,
})
export type ArtifactProgress = typeof ArtifactProgress.Type

export const noProgress: ArtifactProgress = {
  imagesBuried: 0,
  pathsBuried: 0,
  imagesDeleted: 0,
  layersDeleted: 0,
  pathsDeleted: 0,
  filesDeleted: 0,
  bytesDeleted: 0,
  orphansDeleted: 0,
  filesRead: 0,
  bytesRead: 0,
  damaged: 0,
}

/** `collection`: what nothing leads to goes. `verification`: every file is read and compared with what is known of it. */
export const ArtifactRun = Schema.Struct({
  id: Schema.String,
  kind: Schema.Literals(["collection", "verification"]),
  state: Schema.Literals(["running", "done", "failed"]),
  startedBy: Schema.String,
  startedAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp),
  progress: ArtifactProgress,
  message: Schema.String,
})
export type ArtifactRun = typeof ArtifactRun.Type

/** The organization's slug, the service's name, and which of its releases. */
export const ReleaseName = Schema.Struct({
  organization: Schema.String,
  service: Schema.String,
  number: Ordinal,
})
export type ReleaseName = typeof ReleaseName.Type

/** Keeps a store path with everything it refers to, or a release with its image, whatever the budget says. */
export const ArtifactPin = Schema.Struct({
  id: Schema.String,
  /** `<hash>-<name>`; null when a release is pinned. */
  storePath: Schema.NullOr(Schema.String),
  release: Schema.NullOr(ReleaseName),
  reason: Schema.String,
  createdBy: Schema.String,
  createdAt: Timestamp,
})
export type ArtifactPin = typeof ArtifactPin.Type

export const ArtifactUse = Schema.Struct({
  /** Its slug, or its id where it has no service any more. */
  organization: Schema.String,
  /** Of files that only this organization's images need: what its budget counts. */
  uniqueBytes: Schema.Int,
  /** Of files that another one's images need, too. */
  sharedBytes: Schema.Int,
  images: Schema.Int,
})
export type ArtifactUse = typeof ArtifactUse.Type

/** A file that is not what it was, and what needs it. */
export const ArtifactDamage = Schema.Struct({
  fileHash: Schema.String,
  kind: Schema.Literals(["missing", "changed"]),
  seenAt: Timestamp,
  storePaths: Schema.Array(Schema.String),
  releases: Schema.Array(ReleaseName),
})
export type ArtifactDamage = typeof ArtifactDamage.Type

export const ArtifactTraffic = Schema.Struct({
  kind: Schema.Literals(["narinfo", "nar", "blob"]),
  hits: Schema.Int,
  misses: Schema.Int,
})
export type ArtifactTraffic = typeof ArtifactTraffic.Type

/** The artifact store as a whole, for who looks after its disk. */
export const ArtifactStatus = Schema.Struct({
  policy: ArtifactPolicy,
  files: Schema.Int,
  fileBytes: Schema.Int,
  paths: Schema.Int,
  /** Buried: still on the disk for the grace time. */
  buriedPaths: Schema.Int,
  buriedBytes: Schema.Int,
  /** What is free on its disk; null where that cannot be told. */
  freeBytes: Schema.NullOr(Schema.Int),
  organizations: Schema.Array(ArtifactUse),
  /** Of the last 30 days, one an hour at most, oldest first; the last is of now. */
  growth: Schema.Array(Schema.Struct({ at: Timestamp, fileBytes: Schema.Int, paths: Schema.Int })),
  /** Of the last 7 days. */
  traffic: Schema.Array(ArtifactTraffic),
  pins: Schema.Array(ArtifactPin),
  damage: Schema.Array(ArtifactDamage),
  /** Newest first, at most 20. */
  runs: Schema.Array(ArtifactRun),
})
export type ArtifactStatus = typeof ArtifactStatus.Type

/** What a collection would do now. */
export const ArtifactPlan = Schema.Struct({
  /** Images that would be buried. */
  images: Schema.Array(
    Schema.Struct({
      organization: Schema.String,
      service: Schema.String,
      /** Of the releases that have it; none has where that is the reason. */
      releases: Schema.Array(Schema.Int),
      imageDigest: Schema.String,
      reason: Schema.String,
    }),
  ),
  /** Paths that would be buried, the largest first, at most 100; `paths` and `bytes` count all. */
  largest: Schema.Array(Schema.Struct({ storePath: Schema.String, bytes: Schema.Int })),
  paths: Schema.Int,
  bytes: Schema.Int,
  /** Buried before, and due to be deleted now. */
  duePaths: Schema.Int,
  dueBytes: Schema.Int,
  /** Over the budget even then: what is kept is more. Zero: it is not. */
  overBytes: Schema.Int,
})
export type ArtifactPlan = typeof ArtifactPlan.Type
