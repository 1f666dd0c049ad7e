import { Schema } from "effect"
import { DeploymentTrigger } from "./Deployment.ts"
import { Timestamp } from "./Id.ts"

/** A build that waits for a builder, or that one carries out. */
export const QueuedBuild = Schema.Struct({
  /** The slug. */
  organization: Schema.String,
  /** These three are null for the trial of a template. */
  service: Schema.NullOr(Schema.String),
  deployment: Schema.NullOr(Schema.Int),
  trigger: Schema.NullOr(DeploymentTrigger),
  /** Null for a deployment. */
  template: Schema.NullOr(
    Schema.Struct({
      name: Schema.String,
      version: Schema.Int,
      /** Of a stack: which of its services. */
      part: Schema.optionalKey(Schema.String),
    }),
  ),
  createdBy: Schema.NullOr(Schema.String),
  /** Which of all that wait it is, from 1; null: it does not wait. */
  position: Schema.NullOr(Schema.Int),
  /** Why it waits, in words. */
  reason: Schema.NullOr(Schema.String),
  phase: Schema.String,
  builder: Schema.NullOr(Schema.String),
  /** It was told to end, and its processes are about to. */
  canceled: Schema.Boolean,
  queuedAt: Timestamp,
  startedAt: Schema.NullOr(Timestamp),
})
export type QueuedBuild = typeof QueuedBuild.Type
