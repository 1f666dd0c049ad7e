import { Schema } from "effect"
import { DeploymentStatus } from "./Deployment.ts"
import { Timestamp } from "./Id.ts"

/** A Nix expression that a service was once made from: each change of it is a version, whatever came of it. */
export const ExpressionVersion = Schema.Struct({
  /** Counts from 1 in each service. */
  version: Schema.Int,
  /** The one that the service is made from now. */
  current: Schema.Boolean,
  /** The first deployment of it, and how that ended or where it is. */
  deployment: Schema.Int,
  status: DeploymentStatus,
  lines: Schema.Int,
  createdBy: Schema.NullOr(Schema.String),
  createdAt: Timestamp,
})
export type ExpressionVersion = typeof ExpressionVersion.Type

export const ExpressionText = Schema.Struct({ version: ExpressionVersion, expression: Schema.String })
export type ExpressionText = typeof ExpressionText.Type
