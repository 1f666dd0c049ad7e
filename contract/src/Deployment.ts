import { Schema } from "effect"
import { Environment, SecretVersion } from "./Environment.ts"
import { DeploymentId, ServiceId, Timestamp } from "./Id.ts"
import { Resources } from "./Resources.ts"
import { Source } from "./Source.ts"
import { Volume } from "./Volume.ts"

/** The steps of a deployment in order; `live` or `failed` ends it. */
export const stepNames = ["queued", "building", "publishing", "rolling-out", "verifying"] as const
export const StepName = Schema.Literals(stepNames)
export type StepName = typeof StepName.Type

export const DeploymentStatus = Schema.Literals([...stepNames, "live", "failed", "canceled"])
export type DeploymentStatus = typeof DeploymentStatus.Type

/**
 * Why a deployment was started. Only `deploy`, `redeploy` and `push` build; the others start from a release. `return`: by the
 * platform, since the release after it turned bad.
 */
export const DeploymentTrigger = Schema.Literals([
  "deploy",
  "redeploy",
  "push",
  "configuration",
  "rollback",
  "start",
  "restart",
  "return",
])
export type DeploymentTrigger = typeof DeploymentTrigger.Type

export const buildsSource = (trigger: DeploymentTrigger): boolean =>
  trigger === "deploy" || trigger === "redeploy" || trigger === "push"

/** Why the first deployment of a source is started. */
export const triggerOf = (source: Source): DeploymentTrigger =>
  source._tag === "folder" && source.origin === "push" ? "push" : "deploy"

export const FailureCode = Schema.Literals([
  "source-not-found",
  "source-refused",
  "source-not-recognised",
  "credential-refused",
  "host-key-changed",
  "certificate-refused",
  "lock-mismatch",
  /** Something that has to be fetched could not be. */
  "fetch-failed",
  /** What was fetched is not what its hash says. */
  "hash-mismatch",
  "evaluation-syntax",
  "evaluation-undefined",
  "evaluation-failed",
  "evaluation-limit",
  "access-refused",
  "build-failed",
  "build-limit",
  "no-command",
  "no-builder",
  "upload-failed",
  "publish-failed",
  "no-capacity",
  "image-unavailable",
  "image-not-for-platform",
  "image-too-large",
  "image-damaged",
  "registry-failed",
  "registry-limited",
  "exited",
  "out-of-memory",
  "port-closed",
  "unhealthy",
  "endpoint-silent",
  "canceled",
  "internal",
])
export type FailureCode = typeof FailureCode.Type

/** What went wrong, in plain words first. */
export const DeploymentFailure = Schema.Struct({
  step: StepName,
  code: FailureCode,
  /** One sentence: what failed. */
  title: Schema.String,
  /** What was seen: exit code, probe result, the tool's own message. May be empty. */
  detail: Schema.String,
  /** What to do next, as one sentence. */
  next: Schema.String,
  /** The log lines that matter, at most 40. */
  lines: Schema.Array(Schema.String),
  location: Schema.NullOr(Schema.Struct({ file: Schema.String, line: Schema.Int, column: Schema.Int })),
  /** Names that may have been meant where one was not found. */
  suggestions: Schema.optionalKey(Schema.Array(Schema.String)),
})
export type DeploymentFailure = typeof DeploymentFailure.Type

export const DeploymentStep = Schema.Struct({
  name: StepName,
  state: Schema.Literals(["pending", "running", "done", "skipped", "failed"]),
  startedAt: Schema.NullOr(Timestamp),
  finishedAt: Schema.NullOr(Timestamp),
  /** The median of this service's earlier successful runs of the step; null when there is none. */
  expectedMs: Schema.NullOr(Schema.Int),
  detail: Schema.NullOr(Schema.String),
})
export type DeploymentStep = typeof DeploymentStep.Type

/** What a finished deployment did. */
export const DeploymentReceipt = Schema.Struct({
  seconds: Schema.Number,
  imageBytes: Schema.Int,
  layers: Schema.Int,
  /** Of the image, what no earlier release of the service had. */
  newBytes: Schema.Int,
  newLayers: Schema.Int,
  /** Image and configuration were those of the release that served already: nothing was rolled out. */
  unchanged: Schema.optionalKey(Schema.Boolean),
})
export type DeploymentReceipt = typeof DeploymentReceipt.Type

export const Deployment = Schema.Struct({
  id: DeploymentId,
  serviceId: ServiceId,
  /** Counts from 1 in each service. */
  number: Schema.Int,
  trigger: DeploymentTrigger,
  status: DeploymentStatus,
  steps: Schema.Array(DeploymentStep),
  source: Source,
  /** The commit that was built, where the source has one. */
  revision: Schema.NullOr(Schema.String),
  /** How the source was understood, such as "package-lock.json → npm; script `start` → node server.js". */
  recognisedAs: Schema.NullOr(Schema.String),
  environment: Environment,
  secrets: Schema.Array(SecretVersion),
  resources: Resources,
  /** Null: it runs without one. */
  port: Schema.NullOr(Schema.Int),
  healthPath: Schema.NullOr(Schema.String),
  replicas: Schema.Int,
  volume: Schema.NullOr(Volume),
  /** The number of the release it made or deploys. */
  release: Schema.NullOr(Schema.Int),
  failure: Schema.NullOr(DeploymentFailure),
  /**
   * Of one whose release turned bad: why, and the deployment that went back to the release before. Of that one: from
   * which deployment it went back, and why.
   */
  returned: Schema.NullOr(Schema.Struct({ deployment: Schema.Int, reason: Schema.String })),
  receipt: Schema.NullOr(DeploymentReceipt),
  createdBy: Schema.NullOr(Schema.String),
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp),
})
export type Deployment = typeof Deployment.Type

export const isFinished = (status: DeploymentStatus): boolean =>
  status === "live" || status === "failed" || status === "canceled"
