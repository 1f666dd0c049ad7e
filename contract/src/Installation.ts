import { Schema } from "effect"
import { InstallationId, Timestamp } from "./Id.ts"
import { Labels, Region, WorkerName, WorkerRole } from "./Worker.ts"

/** How long an installation's token can be used. */
export const installationMinutes = 60

/** What runs the agent on the machine. */
export const AgentRuntime = Schema.Literals(["deno", "node"])
export type AgentRuntime = typeof AgentRuntime.Type

/** `192.0.2.0/24`, `2001:db8::/32`, or one address. Whether it is one is decided by the platform. */
const AddressRange = Schema.String.check(
  Schema.isPattern(/^[0-9a-fA-F.:]{2,45}(?:\/\d{1,3})?$/, {
    message: "an address range looks like 192.0.2.0/24 or 2001:db8::/32",
  }),
)

export const CreateInstallation = Schema.Struct({
  /** Left out: the machine's own host name, with a number behind it when it is taken. */
  name: Schema.optionalKey(WorkerName),
  roles: Schema.optionalKey(
    Schema.Array(WorkerRole).check(Schema.isMinLength(1, { message: "a worker has at least one role" })),
  ),
  labels: Schema.optionalKey(Labels),
  region: Schema.optionalKey(Schema.NullOr(Region)),
  runtime: Schema.optionalKey(AgentRuntime),
  /** Only a machine whose address is in this range may use it. */
  allowFrom: Schema.optionalKey(Schema.NullOr(AddressRange)),
})
export type CreateInstallation = typeof CreateInstallation.Type

export const defaultRoles: ReadonlyArray<WorkerRole> = ["services", "ingress"]

/** The permission to add one worker. It ends when it is used, revoked, or an hour old. */
export const Installation = Schema.Struct({
  id: InstallationId,
  name: Schema.NullOr(Schema.String),
  roles: Schema.Array(WorkerRole),
  labels: Labels,
  region: Schema.NullOr(Schema.String),
  runtime: AgentRuntime,
  allowFrom: Schema.NullOr(Schema.String),
  /** The worker whose identity it replaces; null: it adds one. */
  replaces: Schema.NullOr(Schema.String),
  state: Schema.Literals(["open", "fetched", "used", "expired", "revoked"]),
  createdBy: Schema.String,
  createdAt: Timestamp,
  expiresAt: Timestamp,
  /** The worker that used it. */
  worker: Schema.NullOr(Schema.String),
})
export type Installation = typeof Installation.Type

/** The answer to creating one: the only time that the token is shown. */
export const CreatedInstallation = Schema.Struct({
  installation: Installation,
  token: Schema.String,
  /** To be pasted into a root shell of the machine. */
  command: Schema.String,
  /** What the command runs, for reading. */
  script: Schema.String,
  /** The lines for a NixOS configuration of one's own. */
  nixos: Schema.String,
})
export type CreatedInstallation = typeof CreatedInstallation.Type
