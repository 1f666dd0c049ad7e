import { Schema } from "effect"
import { DeploymentFailure } from "./Deployment.ts"
import { BuildId, DeploymentId, OrganizationId, ServiceId, Timestamp, WorkerId } from "./Id.ts"
import { LogLine } from "./Log.ts"
import { Source } from "./Source.ts"
import { Capacity, Health, PackageSet, Versions, WorkerRole } from "./Worker.ts"

/**
 * What platform and agent say to each other on the agent's one connection: a WebSocket at `/agent`, opened by the
 * agent with the subprotocols `skypanel.agent.v1` and `bearer.<worker token>`. Each message is one JSON text frame
 * of at most 1 MiB.
 *
 * The platform sends the full desired state, with a generation that only rises, whenever it changes; the agent sends
 * the full observed state every heartbeat and soon after a change. On a new session each side starts with its full
 * state, so a lost message heals.
 */
export const protocolVersion = "skypanel.agent.v1"
export const messageMaxBytes = 1024 * 1024

/** A build that the worker shall carry out. Known ids are not started again. */
export const BuildAssignment = Schema.Struct({
  id: BuildId,
  organizationId: OrganizationId,
  serviceName: Schema.String,
  source: Source,
  /** Where `nix copy --to` uploads to: path and query on the control plane, with a token of this build's own. */
  uploadPath: Schema.String,
  limits: Schema.Struct({
    evaluationSeconds: Schema.Int,
    buildSeconds: Schema.Int,
    memoryBytes: Schema.Int,
    logBytes: Schema.Int,
    sourceBytes: Schema.Int,
  }),
  /** The build shall end now. */
  canceled: Schema.Boolean,
})
export type BuildAssignment = typeof BuildAssignment.Type

/** A deployment whose containers the worker shall watch and probe, wherever the orchestrator put them. */
export const WatchedDeployment = Schema.Struct({
  deploymentId: DeploymentId,
  serviceId: ServiceId,
  organizationId: OrganizationId,
  port: Schema.Int,
  /** Null: a TCP connection to the port is enough. */
  healthPath: Schema.NullOr(Schema.String),
})
export type WatchedDeployment = typeof WatchedDeployment.Type

/** A host name and the deployment that answers it; null while the service is stopped (503). */
export const Route = Schema.Struct({
  host: Schema.String,
  serviceId: ServiceId,
  deploymentId: Schema.NullOr(DeploymentId),
})
export type Route = typeof Route.Type

/** Runtime logs that somebody reads now. The agent sends `lines` old ones, then new ones while `follow`. */
export const LogRequest = Schema.Struct({
  id: Schema.String,
  serviceId: ServiceId,
  lines: Schema.Int,
  follow: Schema.Boolean,
})
export type LogRequest = typeof LogRequest.Type

/** From the platform. */
export const Down = Schema.Union([
  /** The answer to `hello`, and again with every heartbeat: three that are missing mean a cut connection. */
  Schema.TaggedStruct("welcome", { workerId: WorkerId, heartbeatMs: Schema.Int }),
  Schema.TaggedStruct("desired", {
    generation: Schema.Int,
    builds: Schema.Array(BuildAssignment),
    deployments: Schema.Array(WatchedDeployment),
    routes: Schema.Array(Route),
    logs: Schema.Array(LogRequest),
  }),
  /** The lines up to `seq` are stored; the agent may forget them. */
  Schema.TaggedStruct("buildLogStored", { buildId: BuildId, seq: Schema.Int }),
])
export type Down = typeof Down.Type
export type Desired = Extract<Down, { _tag: "desired" }>

export const BuildResult = Schema.Struct({
  storePath: Schema.String,
  /** The command that starts it: an absolute path in the closure, and arguments. */
  command: Schema.Array(Schema.String),
  revision: Schema.NullOr(Schema.String),
  recognisedAs: Schema.String,
  closureBytes: Schema.Int,
  closurePaths: Schema.Int,
})
export type BuildResult = typeof BuildResult.Type

export const BuildObserved = Schema.Struct({
  id: BuildId,
  phase: Schema.Literals([
    "waiting",
    "fetching",
    "evaluating",
    "building",
    "uploading",
    "succeeded",
    "failed",
  ]),
  result: Schema.NullOr(BuildResult),
  failure: Schema.NullOr(DeploymentFailure),
  /** The last line it has logged; its end is stored when the platform has that one. */
  logSeq: Schema.Int,
})
export type BuildObserved = typeof BuildObserved.Type

export const ContainerObserved = Schema.Struct({
  containerId: Schema.String,
  serviceId: ServiceId,
  deploymentId: DeploymentId,
  organizationId: OrganizationId,
  state: Schema.Literals(["starting", "running", "exited"]),
  healthy: Schema.Boolean,
  probe: Schema.String,
  exitCode: Schema.NullOr(Schema.Int),
  outOfMemory: Schema.Boolean,
  startedAt: Schema.NullOr(Timestamp),
  /** The last lines it printed, at most 20; only of one that exited or is not healthy. */
  lastLines: Schema.Array(Schema.String),
})
export type ContainerObserved = typeof ContainerObserved.Type

/** From the agent. */
export const Up = Schema.Union([
  Schema.TaggedStruct("hello", {
    roles: Schema.Array(WorkerRole),
    versions: Versions,
    capacity: Capacity,
    packageSet: Schema.NullOr(PackageSet),
    /** This worker's id in the orchestrator. */
    orchestratorNodeId: Schema.NullOr(Schema.String),
    /** Where its proxy answers, as the platform reaches it, such as `127.0.0.1:8000`. */
    endpointAddress: Schema.NullOr(Schema.String),
  }),
  Schema.TaggedStruct("observed", {
    /** The newest desired generation that the agent has carried out in its proxy. */
    generation: Schema.Int,
    health: Health,
    builds: Schema.Array(BuildObserved),
    containers: Schema.Array(ContainerObserved),
    /** What the proxy refused, if it did; it goes on with its last good configuration. */
    edgeError: Schema.NullOr(Schema.String),
  }),
  /** Consecutive lines from `lines[0].seq` on. Sent again after a reconnect until stored. */
  Schema.TaggedStruct("buildLog", { buildId: BuildId, lines: Schema.Array(LogLine) }),
  Schema.TaggedStruct("logs", { id: Schema.String, lines: Schema.Array(LogLine), end: Schema.Boolean }),
  /** The agent ends on purpose; its containers keep running. */
  Schema.TaggedStruct("stopping", {}),
])
export type Up = typeof Up.Type
export type Observed = Extract<Up, { _tag: "observed" }>
