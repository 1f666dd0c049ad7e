import { Schema } from "effect"
import { Environment } from "./Environment.ts"
import { DeploymentId, OrganizationId, StackId, Timestamp } from "./Id.ts"
import { Name } from "./Name.ts"
import { Replicas, Resources } from "./Resources.ts"
import { HealthPath, ServicePort, ServiceState } from "./Service.ts"
import { Source } from "./Source.ts"
import { TemplateOwner } from "./Template.ts"
import { Volume } from "./Volume.ts"

/** What a service is called within its stack, such as `db`; in the organization it is `<stack>-<key>`. */
export const StackKey = Schema.String.check(
  Schema.isPattern(/^[a-z](?:[a-z0-9-]{0,7}[a-z0-9])?$/, {
    message: "a service is called within its stack by 1 to 9 lower-case letters, digits and hyphens",
  }),
)

export const SecretName = Schema.String.check(
  Schema.isPattern(/^[a-z][A-Za-z0-9]{0,29}$/, {
    message: "a secret's name has letters and digits and starts with a small letter",
  }),
)

export const stackServicesMost = 10

/** A service as a stack's template, or a revision of a stack, describes it. */
export const StackPart = Schema.Struct({
  key: StackKey,
  title: Schema.String,
  source: Source,
  /** Has an endpoint; the others answer within the organization's network only. */
  public: Schema.Boolean,
  port: ServicePort,
  /** Null: a TCP connection to the port is enough. */
  healthPath: Schema.NullOr(HealthPath),
  resources: Resources,
  replicas: Replicas,
  volume: Schema.NullOr(Volume),
  /**
   * A value may refer to what is known only when it is started: `${db.host}`, `${db.port}`, `${web.url}`, and the
   * stack's secrets, such as `${db.password}`.
   */
  environment: Environment,
  /** Made once for each stack: `password` of `db` is `${db.password}`. */
  secrets: Schema.Array(SecretName),
  /** It is deployed once these are healthy. */
  needs: Schema.Array(StackKey),
})
export type StackPart = typeof StackPart.Type

/** A stack as people choose it from the library. */
export const StackTemplate = Schema.Struct({
  name: Name,
  owner: TemplateOwner,
  title: Schema.String,
  description: Schema.String,
  version: Schema.String,
  /** An SVG document. */
  icon: Schema.String,
  services: Schema.Array(StackPart),
})
export type StackTemplate = typeof StackTemplate.Type

/** What a customer sets of a service otherwise than the template has it. */
export const PartSettings = Schema.Struct({
  source: Schema.optionalKey(Source),
  port: Schema.optionalKey(ServicePort),
  healthPath: Schema.optionalKey(Schema.NullOr(HealthPath)),
  resources: Schema.optionalKey(Resources),
  replicas: Schema.optionalKey(Replicas),
  /** Beside the template's variables, or in place of them. */
  environment: Schema.optionalKey(Environment),
  /** Of the volume, where the template has one. */
  volumeBytes: Schema.optionalKey(Volume.fields.sizeBytes),
})
export type PartSettings = typeof PartSettings.Type

export const StackSettings = Schema.Record(Schema.String, PartSettings).check(
  Schema.isMaxProperties(stackServicesMost, { message: `a stack has at most ${stackServicesMost} services` }),
)
export type StackSettings = { readonly [key: string]: PartSettings }

/** A stack's name leaves room for the names of its services. */
export const StackName = Name.check(
  Schema.isMaxLength(20, { message: "a stack's name has at most 20 characters" }),
)

export const CreateStack = Schema.Struct({
  name: StackName,
  template: Name,
  services: Schema.optionalKey(StackSettings),
})
export type CreateStack = typeof CreateStack.Type

/** What is given takes the place of what was set before. */
export const UpdateStack = Schema.Struct({
  services: Schema.optionalKey(StackSettings),
  /** Another version of the template; without it the stack stays at its own. What comes with SkyPanel has but one. */
  version: Schema.optionalKey(Schema.Int),
})
export type UpdateStack = typeof UpdateStack.Type

/**
 * Of a service within a revision. `waiting`: for those it needs; `unchanged`: it is as the revision wants it already;
 * `skipped`: another one failed before its turn.
 */
export const StackStepState = Schema.Literals([
  "waiting",
  "deploying",
  "live",
  "unchanged",
  "failed",
  "skipped",
])
export type StackStepState = typeof StackStepState.Type

export const StackStep = Schema.Struct({
  key: StackKey,
  state: StackStepState,
  /** What it waits for, or why it failed. */
  detail: Schema.NullOr(Schema.String),
  /** The number of its deployment. */
  deployment: Schema.NullOr(Schema.Int),
  /** The number of the release that it has by it. */
  release: Schema.NullOr(Schema.Int),
})
export type StackStep = typeof StackStep.Type

/** Which service kept a revision from being live, and why. */
export const StackFailure = Schema.Struct({
  key: StackKey,
  title: Schema.String,
  next: Schema.String,
})
export type StackFailure = typeof StackFailure.Type

/** One attempt to bring the whole stack to a state. */
export const StackRevision = Schema.Struct({
  /** Counts from 1 in each stack. */
  number: Schema.Int,
  /**
   * `rotate`: a secret got a new value; `return`: by the platform, to the value of before, since a service could not be
   * deployed with the new one.
   */
  kind: Schema.Literals(["create", "update", "rollback", "rotate", "return"]),
  /** Of a rollback: the revision that it went back to. */
  target: Schema.NullOr(Schema.Int),
  /** Of a rotation or return: the secret, such as `db.password`. */
  secret: Schema.NullOr(Schema.String),
  /** Secrets that were rotated since: who goes back to it gets them as they are now. */
  secretsOfNow: Schema.Array(Schema.String),
  templateVersion: Schema.String,
  status: Schema.Literals(["deploying", "live", "failed"]),
  failure: Schema.NullOr(StackFailure),
  steps: Schema.Array(StackStep),
  createdBy: Schema.String,
  createdAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp),
})
export type StackRevision = typeof StackRevision.Type

/** Its value is asked for by itself. */
export const StackSecret = Schema.Struct({
  /** As in a reference: `db.password`. */
  name: Schema.String,
  /** Counts from 1: the one that is in force. */
  version: Schema.Int,
  createdAt: Timestamp,
  /** Since when that version is in force; null: it was never rotated. */
  rotatedAt: Schema.NullOr(Timestamp),
  /** When it was last shown to somebody, and to whom. */
  shownAt: Schema.NullOr(Timestamp),
  shownTo: Schema.NullOr(Schema.String),
})
export type StackSecret = typeof StackSecret.Type

export const StackService = Schema.Struct({
  ...StackPart.fields,
  /** What it is called in the organization. */
  name: Name,
  /** Null: it is not there yet. */
  state: Schema.NullOr(ServiceState),
  url: Schema.NullOr(Schema.String),
  deployment: Schema.NullOr(Schema.Struct({ id: DeploymentId, number: Schema.Int })),
})
export type StackService = typeof StackService.Type

/**
 * - `deploying`: a revision is under way
 * - `live`: every service is
 * - `degraded`: a service is not, though the newest revision got live; or the newest one failed and one before serves
 * - `failed`: no revision ever got live
 * - `deleting`: goes away
 */
export const StackState = Schema.Literals(["deploying", "live", "degraded", "failed", "deleting"])
export type StackState = typeof StackState.Type

export const Stack = Schema.Struct({
  id: StackId,
  organizationId: OrganizationId,
  name: StackName,
  template: Name,
  state: StackState,
  /** In the order in which they are deployed. */
  services: Schema.Array(StackService),
  secrets: Schema.Array(StackSecret),
  /** Newest first, at most 20. */
  revisions: Schema.Array(StackRevision),
  /** Integer micro-dollars per hour, of all its services. */
  hourlyPrice: Schema.Int,
  createdBy: Schema.String,
  createdAt: Timestamp,
})
export type Stack = typeof Stack.Type

/** What becomes of the services that have a volume: they go with it, or stay as stopped services of their own. */
export const VolumesOfDeleted = Schema.Literals(["delete", "keep"])
export type VolumesOfDeleted = typeof VolumesOfDeleted.Type

/** The value is in this one answer and in no other. */
export const RevealedSecret = Schema.Struct({ name: Schema.String, value: Schema.String })
export type RevealedSecret = typeof RevealedSecret.Type
