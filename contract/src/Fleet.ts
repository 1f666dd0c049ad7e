import { Schema } from "effect"
import { AgentUpgradeId, Timestamp, WorkerId } from "./Id.ts"

const whole = (minimum: number, maximum: number, what: string) =>
  Schema.Int.check(
    Schema.isBetween({ minimum, maximum }, { message: `${what} is between ${minimum} and ${maximum}` }),
  )

/**
 * When services are moved away from a worker that is lost:
 * - `at-once`: as soon as it is suspect
 * - `after`: when it has been silent for so many minutes
 * - `by-hand`: when an administrator says so
 */
export const Failover = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("at-once") }),
  Schema.Struct({ kind: Schema.Literal("after"), minutes: whole(1, 1440, "the time") }),
  Schema.Struct({ kind: Schema.Literal("by-hand") }),
])
export type Failover = typeof Failover.Type

export const ScalingTrigger = Schema.Literals(["cpu", "memory", "disk", "no-capacity"])
export type ScalingTrigger = typeof ScalingTrigger.Type

/**
 * What shall be done when the fleet is short of something. For now it is written down and told to administrators each
 * time it is due; carrying it out through a VPS provider comes later.
 */
export const ScalingPolicy = Schema.Struct({
  on: Schema.Array(ScalingTrigger).check(Schema.isMinLength(1, { message: "it has to be due on something" })),
  provider: Schema.Literals(["linode", "digitalocean"]),
  plan: Schema.String.check(
    Schema.isPattern(/^[A-Za-z0-9._-]{1,64}$/, { message: "that is no plan's name" }),
  ),
  region: Schema.String.check(
    Schema.isPattern(/^[A-Za-z0-9-]{1,32}$/, { message: "that is no region's name" }),
  ),
  /** No more than this many workers in all. */
  workersMost: whole(1, 10_000, "the number of workers"),
  /** Not again within this time. */
  pauseMinutes: whole(1, 1440, "the pause"),
})
export type ScalingPolicy = typeof ScalingPolicy.Type

export const FleetPolicy = Schema.Struct({
  failover: Failover,
  /** Silent for this long: suspect. */
  suspectAfterSeconds: whole(3, 120, "the time until a worker is suspect"),
  /** Without a heartbeat for this long: unhealthy. */
  unhealthyAfterSeconds: whole(10, 3600, "the time until a worker is unhealthy"),
  /** A worker that was lost so many times within so many minutes is kept out for so many. */
  flapping: Schema.Struct({
    times: whole(2, 100, "the number of times"),
    withinMinutes: whole(1, 1440, "the time"),
    forMinutes: whole(1, 1440, "the time"),
  }),
  alerts: Schema.Struct({
    cpuPercent: whole(1, 100, "a share"),
    memoryPercent: whole(1, 100, "a share"),
    diskPercent: whole(1, 100, "a share"),
    /** How long it has to be so. */
    forSeconds: whole(0, 86_400, "the time"),
  }),
  /** How long a drain may take before it is reported as stuck. */
  drainMinutes: whole(1, 1440, "the deadline"),
  scaling: Schema.NullOr(ScalingPolicy),
  /** Of layers that several services have in common so many MiB are kept on every worker; 0: none. */
  warmMiB: whole(0, 1024 ** 2, "what is kept warm, in MiB,"),
  /** From when on workers remove images that nothing there needs. */
  images: Schema.Struct({
    /** Together more than so many MiB; 0: as much as the disk has. */
    mostMiB: whole(0, 1024 ** 2, "what images may take, in MiB,"),
    /** Or more than so much of their disk in use. */
    diskPercent: whole(10, 95, "the share of the disk"),
    /** Of each service that is placed there so many releases go last. */
    releases: whole(1, 20, "the number of releases"),
  }),
})
export type FleetPolicy = typeof FleetPolicy.Type

export const defaultFleetPolicy: FleetPolicy = {
  failover: { kind: "at-once" },
  suspectAfterSeconds: 6,
  unhealthyAfterSeconds: 120,
  flapping: { times: 3, withinMinutes: 10, forMinutes: 10 },
  alerts: { cpuPercent: 90, memoryPercent: 95, diskPercent: 90, forSeconds: 300 },
  drainMinutes: 15,
  scaling: null,
  warmMiB: 2048,
  images: { mostMiB: 0, diskPercent: 80, releases: 3 },
}

/** The roll of one version of the agent over the fleet, one worker at a time. */
export const AgentUpgrade = Schema.Struct({
  id: AgentUpgradeId,
  version: Schema.String,
  state: Schema.Literals(["running", "done", "failed", "stopped"]),
  /** Why it failed, and on which worker. */
  reason: Schema.String,
  startedBy: Schema.String,
  startedAt: Timestamp,
  finishedAt: Schema.NullOr(Timestamp),
  workers: Schema.Array(
    Schema.Struct({
      worker: Schema.String,
      /** `skipped`: its version is not the platform's to choose, or it is not there. `reverted`: it runs the one before again. */
      state: Schema.Literals(["waiting", "upgrading", "done", "skipped", "reverted", "failed"]),
      from: Schema.NullOr(Schema.String),
      detail: Schema.String,
    }),
  ),
})
export type AgentUpgrade = typeof AgentUpgrade.Type

/** A run of layers that several services' images have, which workers pull ahead. */
export const CommonImage = Schema.Struct({
  digest: Schema.String,
  /** Of all of its layers, as they are pulled; others may share some. */
  bytes: Schema.Int,
  layers: Schema.Int,
  /** How many services have all of it. */
  services: Schema.Int,
  /** How many workers have it. */
  workers: Schema.Int,
})
export type CommonImage = typeof CommonImage.Type

/** The fleet as a whole. */
export const Fleet = Schema.Struct({
  policy: FleetPolicy,
  /** Set while so many workers are silent at once that nothing is moved. */
  brake: Schema.NullOr(Schema.Struct({ silent: Schema.Int, of: Schema.Int, since: Timestamp })),
  /** The version of the agent that this platform brings. */
  agentVersion: Schema.String,
  /** Workers that run another one and could be upgraded. */
  outdated: Schema.Array(WorkerId),
  /** The newest. */
  upgrade: Schema.NullOr(AgentUpgrade),
  /** What is kept warm, the most wanted first. */
  common: Schema.Array(CommonImage),
  /** Workers that run services: those that keep it. */
  warmWorkers: Schema.Int,
})
export type Fleet = typeof Fleet.Type
