import { Context, type Effect } from "effect"
import type { OrchestratorError } from "./Orchestrator.ts"

/** A machine of the orchestrator's cluster. */
export interface ClusterNode {
  readonly id: string
  /** The orchestrator's own opinion, which comes late; ours is the worker's state. */
  readonly ready: boolean
  /** Whether tasks may be there at all. */
  readonly availability: "active" | "pause" | "drain"
  readonly isManager: boolean
}

/** How a machine becomes a node. The token is a secret: it goes over the agents' channel only. */
export interface JoinOrder {
  readonly clusterId: string
  readonly managers: ReadonlyArray<string>
  readonly token: string
}

/**
 * The orchestrator's machines. Nothing outside this folder knows which program it is. All operations are idempotent and
 * end within 30 seconds.
 */
export class Cluster extends Context.Service<
  Cluster,
  {
    /**
     * Makes the cluster if there is none, sets what has to be set, and tells its id. A cluster that was lost is made
     * anew, with another id.
     */
    readonly ensure: Effect.Effect<string, OrchestratorError>
    readonly joinOrder: Effect.Effect<JoinOrder, OrchestratorError>
    /** Makes the join tokens that were handed out until now worthless. */
    readonly rotateToken: Effect.Effect<void, OrchestratorError>
    readonly nodes: Effect.Effect<ReadonlyArray<ClusterNode>, OrchestratorError>
    readonly setAvailability: (
      nodeId: string,
      availability: ClusterNode["availability"],
    ) => Effect.Effect<void, OrchestratorError>
    /** Also one that does not answer. */
    readonly remove: (nodeId: string) => Effect.Effect<void, OrchestratorError>
  }
>()("platform/orchestrator/Cluster") {}
