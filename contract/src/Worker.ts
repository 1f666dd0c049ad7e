import { Schema } from "effect"
import { DeploymentId, OrganizationId, PlacementId, ServiceId, Timestamp, WorkerId } from "./Id.ts"

/**
 * - `services`: runs services
 * - `builder`: builds them
 * - `ingress`: its proxy takes visitors' requests for the services of the whole fleet; without it only for its own
 */
export const WorkerRole = Schema.Literals(["services", "builder", "ingress"])
export type WorkerRole = typeof WorkerRole.Type

/** One DNS label, as host names are: 1 to 63 lower-case letters, digits and hyphens. */
export const WorkerName = Schema.String.check(
  Schema.isPattern(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
    message: "a worker's name has 1 to 63 lower-case letters, digits and hyphens, and no hyphen at an end",
  }),
)

export const labelsMost = 16
const LabelName = Schema.String.check(
  Schema.isPattern(/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/, {
    message: "a label's name has 1 to 63 lower-case letters, digits, dots, hyphens and underscores",
  }),
)

/** What an administrator knows of a worker, such as `disk: ssd`. At most 16, each value at most 63 characters. */
export const Labels = Schema.Record(
  Schema.String,
  Schema.String.check(
    Schema.isPattern(/^[A-Za-z0-9._ -]{0,63}$/, {
      message: "a label's value has at most 63 letters, digits, spaces, dots, hyphens and underscores",
    }),
  ),
).check(
  Schema.isPropertyNames(LabelName),
  Schema.isMaxProperties(labelsMost, { message: "at most 16 labels" }),
)
export type Labels = Readonly<Record<string, string>>

/** Where a worker stands, in the operator's own words, such as `fra1`. */
export const Region = Schema.String.check(
  Schema.isPattern(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, {
    message: "a region has 1 to 32 lower-case letters, digits and hyphens",
  }),
)

/** Where packages come from on a builder. */
export const PackageSet = Schema.Struct({
  kind: Schema.Literals(["nixpkgs", "embedded"]),
  /** Flake reference and revision, or "Debian 12 packages". */
  reference: Schema.String,
  /** Why this one, for people. */
  reason: Schema.String,
})
export type PackageSet = typeof PackageSet.Type

export const Capacity = Schema.Struct({ cpu: Schema.Number, memoryBytes: Schema.Int, diskBytes: Schema.Int })
export type Capacity = typeof Capacity.Type

/** What an agent measures with each heartbeat. */
export const Health = Schema.Struct({
  load1: Schema.Number,
  cpuPercent: Schema.Number,
  memoryUsedBytes: Schema.Int,
  diskUsedBytes: Schema.Int,
})
export type Health = typeof Health.Type

export const Versions = Schema.Struct({
  agent: Schema.String,
  runtime: Schema.String,
  docker: Schema.NullOr(Schema.String),
  nix: Schema.NullOr(Schema.String),
  haproxy: Schema.NullOr(Schema.String),
})
export type Versions = typeof Versions.Type

/** Who decides which version of the agent runs: the platform (`bundle`), or the machine's own configuration. */
export const AgentOrigin = Schema.Literals(["bundle", "nixos", "development"])
export type AgentOrigin = typeof AgentOrigin.Type

/**
 * What people see of a worker: one word.
 * - `joining`: it has an identity, but has not reported that it can run services
 * - `active`: it takes services
 * - `degraded`: it answers, but something is wrong with it: it keeps what runs there and takes nothing new
 * - `suspect`: silent for some seconds: no traffic, and its stateless services are started elsewhere
 * - `unhealthy`: silent for minutes
 * - `quarantined`: it comes and goes; it is kept out for a while
 * - `draining`, `drained`: an administrator wants nothing to run there
 * - `stopped`: its agent said goodbye; what runs there goes on
 * - `removed`: it is no worker any more; its history stays
 */
export const WorkerState = Schema.Literals([
  "joining",
  "active",
  "degraded",
  "suspect",
  "unhealthy",
  "quarantined",
  "draining",
  "drained",
  "stopped",
  "removed",
])
export type WorkerState = typeof WorkerState.Type

/** What an administrator wants of a worker; only requests write it. */
export const Availability = Schema.Literals(["active", "drain", "remove"])
export type Availability = typeof Availability.Type

/** How far the emptying of a worker is. */
export const Drain = Schema.Struct({
  startedAt: Timestamp,
  /** From then on it is reported as stuck; it goes on all the same. */
  deadlineAt: Timestamp,
  startedBy: Schema.String,
  /** Instances there when it started, and those that are still there. */
  total: Schema.Int,
  left: Schema.Int,
  /** Of those left, the ones that cannot go, and why. */
  stuck: Schema.Array(
    Schema.Struct({ service: Schema.String, organization: Schema.String, reason: Schema.String }),
  ),
})
export type Drain = typeof Drain.Type

export const Worker = Schema.Struct({
  id: WorkerId,
  name: Schema.String,
  development: Schema.Boolean,
  roles: Schema.Array(WorkerRole),
  labels: Labels,
  region: Schema.NullOr(Schema.String),
  state: WorkerState,
  /** Why it is in that state, as a sentence; empty when there is nothing to say. */
  reason: Schema.String,
  stateSince: Timestamp,
  availability: Availability,
  /** Is it given new services and builds now? */
  takesNew: Schema.Boolean,
  drain: Schema.NullOr(Drain),
  quarantinedUntil: Schema.NullOr(Timestamp),
  capacity: Schema.NullOr(Capacity),
  /** What the services that are placed there were promised. */
  reserved: Schema.Struct({ cpu: Schema.Number, memoryBytes: Schema.Int }),
  health: Schema.NullOr(Health),
  versions: Schema.NullOr(Versions),
  origin: Schema.NullOr(AgentOrigin),
  packageSet: Schema.NullOr(PackageSet),
  /** Where its proxy answers, `host:port`. */
  address: Schema.NullOr(Schema.String),
  instances: Schema.Int,
  builds: Schema.Int,
  /** Alerts that have not ended. */
  alerts: Schema.Array(Schema.Literals(["cpu", "memory", "disk"])),
  lastHeartbeatAt: Schema.NullOr(Timestamp),
  createdAt: Timestamp,
})
export type Worker = typeof Worker.Type

/** One instance on a worker, as its administrator sees it. */
export const WorkerInstance = Schema.Struct({
  placementId: PlacementId,
  deploymentId: DeploymentId,
  serviceId: ServiceId,
  organizationId: OrganizationId,
  organization: Schema.String,
  service: Schema.String,
  slot: Schema.Int,
  /** `starting` until it has been healthy; `leaving` once another one has taken over. */
  state: Schema.Literals(["starting", "serving", "leaving"]),
  healthy: Schema.Boolean,
  probe: Schema.String,
  /** The worker that it moves to, while it does. */
  movesTo: Schema.NullOr(Schema.String),
  since: Timestamp,
})
export type WorkerInstance = typeof WorkerInstance.Type

/** The means of the seconds since the sample before. */
export const WorkerSample = Schema.Struct({
  at: Timestamp,
  cpuPercent: Schema.Number,
  memoryUsedBytes: Schema.Int,
  diskUsedBytes: Schema.Int,
  load1: Schema.Number,
  instances: Schema.Int,
})
export type WorkerSample = typeof WorkerSample.Type
