import { Schema } from "effect"
import { BuildAssignment, BuildObserved } from "./BuildAssignment.ts"
import {
  BuildId,
  DeploymentId,
  OrganizationId,
  PlacementId,
  ServiceId,
  Timestamp,
  WorkerId,
  WorkerKeyId,
} from "./Id.ts"
import { ImageDigest } from "./image/ImageListing.ts"
import { LogLine } from "./Log.ts"
import { AgentOrigin, Capacity, Health, PackageSet, Versions, WorkerRole } from "./Worker.ts"
import { Nonce, PublicKey, Signature } from "./WorkerIdentity.ts"
import { CommonImages, ImageKeeping, ImagesObserved } from "./WorkerImages.ts"

/**
 * What platform and agent say to each other on the agent's one connection: a WebSocket at `/agent`, opened by the
 * agent, which offers the subprotocols that it speaks, best first. Each message is one JSON text frame.
 *
 * It begins with a handshake in which each side proves who it is (`WorkerIdentity.ts`): the platform sends
 * `challenge`, the agent `identify`, the platform `welcome`. Whoever is not let in gets `refused`, and the end.
 * Then each side sends its full state, and again whenever it changes: the platform `desired`, with a generation that
 * only rises; the agent `hello` and `observed`, the latter with every heartbeat too. A lost message heals.
 *
 * Everything an agent says after `welcome` bears the connection's session and a number that rises by one: a message
 * that was recorded and is sent again, there or on another connection, ends the connection that it came on.
 */
export const protocolVersion = "skypanel.agent.v2"
/** The protocols that this platform and this agent speak, best first. */
export const protocolVersions: ReadonlyArray<string> = [protocolVersion]

/** What an agent may send in one message, and before it is known. */
export const messageMaxBytes = 1024 * 1024
export const identifyMaxBytes = 4 * 1024
/** What a platform may send: the routes of an ingress worker take about 150 bytes for each service. */
export const desiredMaxBytes = 16 * 1024 * 1024

/**
 * A pulse: this text frame, sent by the agent every `pulseMs` and answered by the same frame at once. It says nothing
 * but that the other is there; after three that are missing each side takes the other for silent.
 */
export const pulse = "."
export const pulsesMissed = 3

/** As a container's processes are, whatever the engine makes of it outside. */
const ContainerId = Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: 999_999_999 }))

/** The writable folder of a service that outlives its containers. It is on one worker and nowhere else. */
export const DesiredVolume = Schema.Struct({
  serviceId: ServiceId,
  sizeBytes: Schema.Int,
  /** Whose the folder is: who the service's containers run as. Left out: who has no rights. */
  owner: Schema.optionalKey(Schema.Struct({ uid: ContainerId, gid: ContainerId })),
})
export type DesiredVolume = typeof DesiredVolume.Type

/** An instance that shall run here: the worker watches and probes its container. */
export const DesiredPlacement = Schema.Struct({
  placementId: PlacementId,
  deploymentId: DeploymentId,
  serviceId: ServiceId,
  organizationId: OrganizationId,
  /** 0: none. An agent of before takes it for a port at which nobody ever answers. */
  port: Schema.Int,
  /** Null: a TCP connection to the port is enough. */
  healthPath: Schema.NullOr(Schema.String),
  /**
   * It may run only while the platform is heard: when the worker is cut off alone, it stops the container before
   * another worker may start one. Null: it runs on whatever happens. Seconds.
   */
  leaseSeconds: Schema.NullOr(Schema.Int),
})
export type DesiredPlacement = typeof DesiredPlacement.Type

/** Whether requests can be led to it. */
export const listens = ({ port }: Pick<DesiredPlacement, "port">): boolean => port !== 0

/**
 * A host name and the deployment that answers it; null while the service is stopped (503). Requests go to the healthy
 * containers of the deployment here, and through the proxies of `peers` to those on other workers; where none is healthy, to
 * those that were and still run.
 */
export const Route = Schema.Struct({
  host: Schema.String,
  serviceId: ServiceId,
  deploymentId: Schema.NullOr(DeploymentId),
  /** Workers with healthy containers of it, one entry for each container; never this worker itself. */
  peers: Schema.Array(WorkerId),
})
export type Route = typeof Route.Type

/** Another worker whose proxy this one may send requests to. */
export const Peer = Schema.Struct({
  workerId: WorkerId,
  /** Where its proxy answers, `host:port`. */
  address: Schema.String,
})
export type Peer = typeof Peer.Type

/** Runtime logs that somebody reads now. The agent sends `lines` old ones, then new ones while `follow`. */
export const LogRequest = Schema.Struct({
  id: Schema.String,
  serviceId: ServiceId,
  lines: Schema.Int,
  follow: Schema.Boolean,
})
export type LogRequest = typeof LogRequest.Type

/** The version of the agent that shall run; the file is at `/install/agent/<sha256>.mjs` on the control plane. */
export const DesiredAgent = Schema.Struct({
  version: Schema.String,
  sha256: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)),
})
export type DesiredAgent = typeof DesiredAgent.Type

export const RefusalCode = Schema.Literals([
  /** No worker of that id, or not its key. */
  "unknown",
  "revoked",
  "expired",
  /** The two have no protocol in common. */
  "protocol",
  /** A message that is not as it should be, or not next in the order. */
  "malformed",
  "replayed",
  "too-many",
])
export type RefusalCode = typeof RefusalCode.Type

/** From the platform. */
export const Down = Schema.Union([
  /** The first message. */
  Schema.TaggedStruct("challenge", { nonce: Nonce, protocols: Schema.Array(Schema.String) }),
  Schema.TaggedStruct("welcome", {
    workerId: WorkerId,
    name: Schema.String,
    /** Names this connection. */
    session: Schema.String,
    /** Of `welcomeText`, by the platform's key. */
    signature: Signature,
    /** The period of `observed` when nothing changes; a little different for each connection. */
    heartbeatMs: Schema.Int,
    pulseMs: Schema.Int,
    /** The key that the worker used is this old; one that is older than a day is to be replaced. */
    keyAgeSeconds: Schema.Int,
  }),
  Schema.TaggedStruct("refused", { code: RefusalCode, message: Schema.String, next: Schema.String }),
  Schema.TaggedStruct("desired", {
    generation: Schema.Int,
    builds: Schema.Array(BuildAssignment),
    placements: Schema.Array(DesiredPlacement),
    /** Placements that were here and shall not be any more: a container of theirs is to be stopped on sight. */
    ended: Schema.Array(PlacementId),
    volumes: Schema.Array(DesiredVolume),
    routes: Schema.Array(Route),
    peers: Schema.Array(Peer),
    /** By this the proxies of workers know each other: sent with each request from one to another, and never to containers. */
    peerSecret: Schema.String,
    /** Addresses of control plane and workers: containers may reach only their web ports. */
    fleetAddresses: Schema.Array(Schema.String),
    /**
     * Addresses of the machines of the orchestrator's cluster: nobody else reaches the cluster's ports of a worker.
     * Empty, or not there: they are not known, and the ports are as open as the machine's own firewall has them.
     */
    clusterAddresses: Schema.optionalKey(Schema.Array(Schema.String)),
    logs: Schema.Array(LogRequest),
    /** Left out: what is there stays as it is. */
    common: Schema.optionalKey(CommonImages),
    /** Left out: none is removed. */
    images: Schema.optionalKey(ImageKeeping),
    /** Null: what runs is right. */
    agent: Schema.NullOr(DesiredAgent),
  }),
  /** How to become part of the orchestrator's cluster; sent to a worker that is not, and kept nowhere. */
  Schema.TaggedStruct("join", {
    clusterId: Schema.String,
    managers: Schema.Array(Schema.String),
    token: Schema.String,
  }),
  /** The worker is none any more: it leaves the cluster and ends what runs there. */
  Schema.TaggedStruct("leave", {}),
  /** The key that took over is in force; the one before is of no use any more. */
  Schema.TaggedStruct("rotated", { keyId: WorkerKeyId, publicKey: PublicKey }),
  /** The lines up to `seq` are stored; the agent may forget them. */
  Schema.TaggedStruct("buildLogStored", { buildId: BuildId, seq: Schema.Int }),
])
export type Down = typeof Down.Type
export type Desired = Extract<Down, { _tag: "desired" }>
export type Welcome = Extract<Down, { _tag: "welcome" }>
export type Join = Extract<Down, { _tag: "join" }>
export type Refused = Extract<Down, { _tag: "refused" }>

export const ContainerObserved = Schema.Struct({
  containerId: Schema.String,
  placementId: PlacementId,
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

/**
 * Something that keeps a worker from taking anything new.
 * - `engine`: the Docker Engine does not answer, or is in no cluster
 * - `firewall`: containers are not kept apart
 * - `disk`: too little space is left
 * - `proxy`: it does not serve
 * - `volume`: a service's volume cannot be made
 */
export const WorkerProblem = Schema.Struct({
  part: Schema.Literals(["engine", "firewall", "disk", "proxy", "volume"]),
  /** One sentence, for administrators. */
  text: Schema.String,
})
export type WorkerProblem = typeof WorkerProblem.Type

/** From the agent, until it is welcome. */
export const Identify = Schema.TaggedStruct("identify", {
  workerId: WorkerId,
  keyId: WorkerKeyId,
  nonce: Nonce,
  /** Of `identificationText`, by the worker's key. */
  signature: Signature,
})
export type Identify = typeof Identify.Type

/** A machine has more only where something is wrong. */
export const addressesMost = 64

/** From the agent, afterwards. */
export const Up = Schema.Union([
  Schema.TaggedStruct("hello", {
    roles: Schema.Array(WorkerRole),
    versions: Versions,
    origin: AgentOrigin,
    capacity: Capacity,
    /** What services may be promised of it at most; null: all of it. */
    limits: Schema.Struct({ cpu: Schema.NullOr(Schema.Number), memoryBytes: Schema.NullOr(Schema.Int) }),
    packageSet: Schema.NullOr(PackageSet),
    /** How many builds it runs at the same time; an agent of before does not say. */
    buildSlots: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000 }))),
    /** How many checks; an agent of before does not say, and would build what it shall check. */
    checkSlots: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000 }))),
    /** Whether it reads a source's overrides; an agent of before does not say, and would build without them. */
    takesOverrides: Schema.optionalKey(Schema.Boolean),
    /** What it fetches besides a repository's own files; an agent of before does not say, and leaves all of it out. */
    gitParts: Schema.optionalKey(Schema.Array(Schema.Literals(["submodules", "lfs"]))),
    /** This worker's id in the orchestrator's cluster, and the cluster's; null when it is in none. */
    orchestratorNodeId: Schema.NullOr(Schema.String),
    clusterId: Schema.NullOr(Schema.String),
    /** Where its proxy answers, as platform and other workers reach it, such as `192.0.2.7:80`. */
    endpointAddress: Schema.NullOr(Schema.String),
    /** Every address of this machine that others may see it by; an agent of before does not say. */
    addresses: Schema.optionalKey(
      Schema.Array(Schema.String.check(Schema.isMaxLength(64))).check(Schema.isMaxLength(addressesMost)),
    ),
    /** Where the folders of volumes are on this machine, each named by its service's id. Absolute. */
    volumeFolder: Schema.String.check(Schema.isPattern(/^(?:\/[A-Za-z0-9._-]+)+$/)),
  }),
  Schema.TaggedStruct("observed", {
    /** The newest desired generation that the agent has carried out in its proxy. */
    generation: Schema.Int,
    /** The worker's clock, to be compared. */
    at: Timestamp,
    health: Health,
    builds: Schema.Array(BuildObserved),
    containers: Schema.Array(ContainerObserved),
    /** What the proxy refused, if it did; it goes on with its last good configuration. */
    edgeError: Schema.NullOr(Schema.String),
    problems: Schema.Array(WorkerProblem),
    /** Workers whose proxies do not answer this one. */
    unreachablePeers: Schema.Array(WorkerId),
    /** Services whose volumes are ready here. */
    volumes: Schema.Array(ServiceId),
    /** Whose each of them is, as its containers' uid; an agent of before does not say. */
    volumeOwners: Schema.optionalKey(Schema.Record(Schema.String, Schema.Int)),
    /** The digests of common images that are here; an agent of before does not say. */
    commonImages: Schema.optionalKey(Schema.Array(ImageDigest).check(Schema.isMaxLength(256))),
    /** Left out: it has not looked yet, runs no services, or is an agent of before. */
    images: Schema.optionalKey(ImagesObserved),
  }),
  /** The public half of a key that shall take over. The one that this connection used stays until `rotated`. */
  Schema.TaggedStruct("rotate", {
    publicKey: PublicKey,
    /** Of `rotationText`, by the new key. */
    proof: Signature,
  }),
  /** Consecutive lines from `lines[0].seq` on. Sent again after a reconnect until stored. */
  Schema.TaggedStruct("buildLog", { buildId: BuildId, lines: Schema.Array(LogLine) }),
  Schema.TaggedStruct("logs", { id: Schema.String, lines: Schema.Array(LogLine), end: Schema.Boolean }),
  /** The agent ends on purpose; its containers keep running, unless it was uninstalled. */
  Schema.TaggedStruct("stopping", { why: Schema.Literals(["stopped", "upgrade", "uninstalled"]) }),
])
export type Up = typeof Up.Type
export type Observed = Extract<Up, { _tag: "observed" }>
export type Hello = Extract<Up, { _tag: "hello" }>

/** How a message of an agent travels: in which connection, and as which one. Counts from 1. */
export const Envelope = Schema.Struct({ session: Schema.String, seq: Schema.Int, message: Up })
export type Envelope = typeof Envelope.Type
