import type { Environment } from "@skypanel/contract/Environment"
import type { DeploymentId, OrganizationId, PlacementId, ServiceId } from "@skypanel/contract/Id"
import type { ImageSettings } from "@skypanel/contract/image/ImageSettings"
import type { Resources } from "@skypanel/contract/Resources"
import { Context, type Effect, Schema } from "effect"

/**
 * What runs one instance of a deployment. It cannot express a device, a capability or the host's namespaces, and no
 * mount but the service's own volume.
 */
export interface Workload {
  readonly organizationId: OrganizationId
  readonly serviceId: ServiceId
  /** The service's name: other services of the organization reach it by this. */
  readonly serviceName: string
  readonly deploymentId: DeploymentId
  readonly placementId: PlacementId
  /** The node of the cluster that it runs on. */
  readonly nodeId: string
  /** `registry/repository@sha256:…` */
  readonly image: string
  readonly registryCredential: { readonly username: string; readonly password: string }
  readonly environment: Environment
  /** Null: it runs without one. */
  readonly port: number | null
  readonly resources: Resources
  /** The folder of the service's volume on the worker, and where it is in the container. */
  readonly volume: { readonly source: string; readonly path: string } | null
  /** Who it runs as, and what it may write to besides: an image's own wish. Null: it is made of a closure. */
  readonly imageSettings: ImageSettings | null
}

/** A workload as the orchestrator has it. */
export interface Placed {
  readonly placementId: PlacementId
  readonly deploymentId: DeploymentId
  readonly serviceId: ServiceId
  readonly organizationId: OrganizationId
  /** The node that it is bound to. */
  readonly nodeId: string
}

/** How far a workload is. `reason` is the orchestrator's own message while it cannot be started. */
export interface Progress {
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
    /** Starts the workload, in its organization's own network. Known placements stay as they are. */
    readonly run: (workload: Workload) => Effect.Effect<void, OrchestratorError>
    readonly progress: (placement: PlacementId) => Effect.Effect<Progress, OrchestratorError>
    /** Ends it: SIGTERM, then SIGKILL after ten seconds. */
    readonly remove: (placement: PlacementId) => Effect.Effect<void, OrchestratorError>
    /** Everything that SkyPanel placed, and nothing else. */
    readonly list: Effect.Effect<ReadonlyArray<Placed>, OrchestratorError>
    /** Of these, those that are there. */
    readonly find: (
      placements: ReadonlyArray<PlacementId>,
    ) => Effect.Effect<ReadonlyArray<Placed>, OrchestratorError>
    /** Removes the networks of all other organizations. */
    readonly keepNetworks: (
      organizations: ReadonlySet<OrganizationId>,
    ) => Effect.Effect<void, OrchestratorError>
  }
>()("platform/orchestrator/Orchestrator") {}
