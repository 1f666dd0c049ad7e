import type { Environment } from "@skypanel/contract/Environment"
import type { DeploymentId, OrganizationId, ServiceId } from "@skypanel/contract/Id"
import type { Resources } from "@skypanel/contract/Resources"
import { Context, type Effect, Schema } from "effect"

/** What runs one deployment. It cannot express a mount, a device, a capability or the host's namespaces. */
export interface Workload {
  readonly organizationId: OrganizationId
  readonly serviceId: ServiceId
  /** The service's name: other services of the organization reach it by this. */
  readonly serviceName: string
  readonly deploymentId: DeploymentId
  /** `registry/repository@sha256:…` */
  readonly image: string
  readonly registryCredential: { readonly username: string; readonly password: string }
  readonly environment: Environment
  readonly port: number
  readonly resources: Resources
}

/** A workload as the orchestrator has it. */
export interface Placed {
  readonly deploymentId: DeploymentId
  readonly serviceId: ServiceId
  readonly organizationId: OrganizationId
}

/** Where a workload has got to. `reason` is the orchestrator's own message while it cannot be started. */
export interface Placement {
  readonly state: "absent" | "waiting" | "started" | "ended"
  readonly reason: string
}

export class OrchestratorError extends Schema.TaggedError<OrchestratorError>()("OrchestratorError", {
  operation: Schema.String,
  reason: Schema.String,
}) {
  override get message() {
    return `${this.operation}: ${this.reason}`
  }
}

/**
 * Places containers on workers. Nothing outside this folder knows which program does it. All operations are
 * idempotent and end within 30 seconds.
 */
export class Orchestrator extends Context.Service<
  Orchestrator,
  {
    /** Starts the workload, in its organization's own network. Known deployments stay as they are. */
    readonly run: (workload: Workload) => Effect.Effect<void, OrchestratorError>
    readonly placement: (deployment: DeploymentId) => Effect.Effect<Placement, OrchestratorError>
    /** Ends it: SIGTERM, then SIGKILL after ten seconds. */
    readonly remove: (deployment: DeploymentId) => Effect.Effect<void, OrchestratorError>
    /** Everything that SkyPanel placed, and nothing else. */
    readonly list: Effect.Effect<ReadonlyArray<Placed>, OrchestratorError>
    /** Removes the networks of all other organizations. */
    readonly keepNetworks: (
      organizations: ReadonlySet<OrganizationId>,
    ) => Effect.Effect<void, OrchestratorError>
  }
>()("platform/orchestrator/Orchestrator") {}
