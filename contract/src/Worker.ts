import { Schema } from "effect"
import { Timestamp, WorkerId } from "./Id.ts"

export const WorkerRole = Schema.Literals(["services", "builder"])
export type WorkerRole = typeof WorkerRole.Type

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

/** What an agent measures with each report. */
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

export const Worker = Schema.Struct({
  id: WorkerId,
  name: Schema.String,
  development: Schema.Boolean,
  roles: Schema.Array(WorkerRole),
  /** `connected`: its session is open. `silent`: no report for three periods. `stopped`: it said goodbye. */
  state: Schema.Literals(["connected", "silent", "stopped", "never-seen"]),
  capacity: Schema.NullOr(Capacity),
  health: Schema.NullOr(Health),
  versions: Schema.NullOr(Versions),
  packageSet: Schema.NullOr(PackageSet),
  instances: Schema.Int,
  builds: Schema.Int,
  lastHeartbeatAt: Schema.NullOr(Timestamp),
  createdAt: Timestamp,
})
export type Worker = typeof Worker.Type
