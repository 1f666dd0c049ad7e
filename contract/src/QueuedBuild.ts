import { Schema } from "effect"
import { DeploymentTrigger } from "./Deployment.ts"
import { Timestamp } from "./Id.ts"

/** A build that waits for a builder, or that one carries out. */
export const QueuedBuild = Schema.Struct({
  /** The slug. */
  organization: Schema.String,
  service: Schema.String,
  deployment: Schema.Int,
  trigger: DeploymentTrigger,
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
