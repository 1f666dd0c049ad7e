import { Schema } from "effect"
import { Environment, SecretVersion } from "./Environment.ts"
import { ReleaseId, Timestamp } from "./Id.ts"
import { Resources } from "./Resources.ts"
import { Source } from "./Source.ts"
import { Volume } from "./Volume.ts"

/** Immutable: image and configuration together. Rolling back deploys an old one as it is. */
export const Release = Schema.Struct({
  id: ReleaseId,
  /** Counts from 1 in each service. */
  number: Schema.Int,
  /** Is it the one that serves now? */
  current: Schema.Boolean,
  imageDigest: Schema.String,
  imageBytes: Schema.Int,
  /** Its image was removed from the artifact store to make room: it cannot be rolled back to. */
  imageGone: Schema.Boolean,
  storePath: Schema.String,
  source: Source,
  revision: Schema.NullOr(Schema.String),
  environment: Environment,
  secrets: Schema.Array(SecretVersion),
  resources: Resources,
  /** Null: it runs without one. */
  port: Schema.NullOr(Schema.Int),
  healthPath: Schema.NullOr(Schema.String),
  replicas: Schema.Int,
  volume: Schema.NullOr(Volume),
  /**
   * Secrets of a stack that were rotated since, and secret variables whose value of then was forgotten: who goes back to it
   * gets them as they are now.
   */
  secretsOfNow: Schema.Array(Schema.String),
  createdAt: Timestamp,
})
export type Release = typeof Release.Type
