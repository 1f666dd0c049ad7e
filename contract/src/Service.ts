import { Schema } from "effect"
import { DeploymentStatus } from "./Deployment.ts"
import { Environment, SecretValues, SecretVariable } from "./Environment.ts"
import { DeploymentId, OrganizationId, ServiceId, Timestamp } from "./Id.ts"
import { Name } from "./Name.ts"
import { ServiceCredential } from "./PreparedCredential.ts"
import { Replicas, Resources } from "./Resources.ts"
import { Source } from "./Source.ts"
import { Volume } from "./Volume.ts"

/**
 * - `deploying`: its first deployment is under way, nothing serves yet
 * - `live`: a release serves; the first one, once its endpoint has answered
 * - `degraded`: a release should serve, but fewer instances of it are healthy than it shall have
 * - `failed`: no deployment of it has succeeded
 * - `stopped`: by wish
 * - `deleting`: goes away
 */
export const ServiceState = Schema.Literals([
  "deploying",
  "live",
  "degraded",
  "failed",
  "stopped",
  "deleting",
])
export type ServiceState = typeof ServiceState.Type

export const Port = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: 65_535 }, { message: "a port is between 1 and 65535" }),
)

/** What a service listens on; null: it has no port, and so neither an endpoint nor a health path. */
export const ServicePort = Schema.NullOr(Port)
export type ServicePort = typeof ServicePort.Type

/** An instance without a port is healthy once its process has stayed up for so long. */
export const steadySeconds = 10

/** A port as people read it in lists. */
export const describePort = (port: ServicePort): string => (port === null ? "none" : String(port))

/** What people are told in the place of a URL. */
export const withoutPort = "runs without a port: no URL"

export const HealthPath = Schema.String.check(
  Schema.isPattern(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,255}$/, {
    message: "a health path starts with / and has at most 256 URL characters",
  }),
)

/** One running copy of a release, as its worker reports it. */
export const Instance = Schema.Struct({
  containerId: Schema.String,
  worker: Schema.String,
  deployment: Schema.Int,
  /** Which of the service's instances it is, from 0. */
  slot: Schema.Int,
  state: Schema.Literals(["starting", "running", "exited"]),
  healthy: Schema.Boolean,
  /** The last probe's result in words, such as "GET /health answered 200 in 3 ms". */
  probe: Schema.String,
  exitCode: Schema.NullOr(Schema.Int),
  startedAt: Schema.NullOr(Timestamp),
})
export type Instance = typeof Instance.Type

export const Service = Schema.Struct({
  id: ServiceId,
  organizationId: OrganizationId,
  name: Name,
  state: ServiceState,
  /**
   * Where it answers; of one without an endpoint: within the organization's network, such as `tcp://shop-db:5432`. Null:
   * it runs without a port, and answers nowhere.
   */
  url: Schema.NullOr(Schema.String),
  /** Has an endpoint. */
  public: Schema.Boolean,
  /** The name of the stack that it is part of. */
  stack: Schema.NullOr(Name),
  source: Source,
  environment: Environment,
  /** Variables beside those: their values are not here. */
  secrets: Schema.Array(SecretVariable),
  resources: Resources,
  port: Schema.NullOr(Schema.Int),
  healthPath: Schema.NullOr(Schema.String),
  replicas: Schema.Int,
  volume: Schema.NullOr(Volume),
  /** How long a new release is looked after, so that one that turns bad gives way to the one before; 0: not at all. */
  watchSeconds: Schema.Int,
  /** How many of its releases are kept; null: as many as there is room for. */
  keptReleases: Schema.NullOr(Schema.Int),
  /** Integer micro-dollars per hour, for all instances. */
  hourlyPrice: Schema.Int,
  /** The release that serves. */
  release: Schema.NullOr(Schema.Int),
  /** The newest deployment, finished or not. */
  deployment: Schema.NullOr(
    Schema.Struct({
      id: DeploymentId,
      number: Schema.Int,
      status: DeploymentStatus,
      createdAt: Timestamp,
      failureTitle: Schema.NullOr(Schema.String),
    }),
  ),
  instances: Schema.Array(Instance),
  createdAt: Timestamp,
})
export type Service = typeof Service.Type

/** 0: a new release is not looked after once it is live. */
export const WatchSeconds = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: 3_600 }, { message: "that is between 0 and 3600 seconds" }),
)

/** What a customer sets. Left out: the template's value, else the default. */
export const ServiceConfiguration = Schema.Struct({
  environment: Schema.optionalKey(Environment),
  /** A variable that is set here is no more in the environment. */
  secrets: Schema.optionalKey(SecretValues),
  resources: Schema.optionalKey(Resources),
  port: Schema.optionalKey(ServicePort),
  healthPath: Schema.optionalKey(Schema.NullOr(HealthPath)),
  replicas: Schema.optionalKey(Replicas),
  volume: Schema.optionalKey(Schema.NullOr(Volume)),
})
export type ServiceConfiguration = typeof ServiceConfiguration.Type

/** Of a Git source that is not public, in place of the credential before. */
const credential = Schema.optionalKey(ServiceCredential)

export const CreateService = Schema.Struct({
  name: Name,
  source: Source,
  credential,
  ...ServiceConfiguration.fields,
})
export type CreateService = typeof CreateService.Type

/** A change of the source builds anew; a change of only the rest makes a release without a build. */
export const UpdateService = Schema.Struct({
  source: Schema.optionalKey(Source),
  credential,
  ...ServiceConfiguration.fields,
})
export type UpdateService = typeof UpdateService.Type
