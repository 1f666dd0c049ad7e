import { Schema } from "effect"
import { DeploymentTrigger, FailureCode } from "./Deployment.ts"
import { Timestamp } from "./Id.ts"
import { UsedHash } from "./LearnedHash.ts"
import { NamedSource } from "./Source.ts"

export const BuildState = Schema.Literals(["waiting", "running", "succeeded", "failed", "canceled"])
export type BuildState = typeof BuildState.Type

/** What a builder does one after the other. `waiting`: for a builder, before the first of them. */
export const buildPhases = ["waiting", "fetching", "evaluating", "building", "uploading"] as const

export const BuildPhase = Schema.Struct({
  name: Schema.Literals(buildPhases),
  /** So far, of the one that goes on. */
  ms: Schema.Int,
})
export type BuildPhase = typeof BuildPhase.Type

/** A build of a service, whatever became of it. It has the number of its deployment. */
export const BuildRecord = Schema.Struct({
  deployment: Schema.Int,
  state: BuildState,
  trigger: DeploymentTrigger,
  /** Who or what started it: a member's address, a webhook with its author, or polling. */
  startedBy: Schema.NullOr(Schema.String),
  source: NamedSource,
  revision: Schema.NullOr(Schema.String),
  /** Of the commit, where there is one; each is one line. */
  author: Schema.NullOr(Schema.String),
  subject: Schema.NullOr(Schema.String),
  builder: Schema.NullOr(Schema.String),
  queuedAt: Timestamp,
  startedAt: Schema.NullOr(Timestamp),
  finishedAt: Schema.NullOr(Timestamp),
  /** In their order; of the builder that had it last. */
  phases: Schema.Array(BuildPhase),
  failure: Schema.NullOr(Schema.Struct({ code: FailureCode, title: Schema.String })),
  /** The release that its deployment made, or found serving already. */
  release: Schema.NullOr(Schema.Int),
  unchanged: Schema.Boolean,
  /** What it brought to the artifact store that was not there, compressed as it is kept. Null: nothing was brought yet. */
  addedBytes: Schema.NullOr(Schema.Int),
  /** What would come free if the releases that have its image were gone; null without an image that is kept. */
  keptBytes: Schema.NullOr(Schema.Int),
  /** Hashes of its dependencies that no lock file has. */
  learned: Schema.Array(UsedHash),
  logLines: Schema.Int,
  /** Its log was too old. */
  logRemovedAt: Schema.NullOr(Timestamp),
})
export type BuildRecord = typeof BuildRecord.Type

export const buildsPerPage = 50

/** Newest first. `next`: ask for what comes `before` it; null when that was all. */
export const BuildHistory = Schema.Struct({
  builds: Schema.Array(BuildRecord),
  next: Schema.NullOr(Schema.Int),
})
export type BuildHistory = typeof BuildHistory.Type
