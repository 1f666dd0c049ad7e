import { type DeploymentStatus, isFinished } from "@skypanel/contract/Deployment"
import type { ServiceState } from "@skypanel/contract/Service"

export interface ServiceFacts {
  readonly wish: "running" | "stopped" | "deleted"
  /** Does the endpoint lead to a deployment? To a first one only once it has answered: nobody is sent there before. */
  readonly routed: boolean
  /** Has the deployment that it leads to all its instances healthy? */
  readonly healthy: boolean
  /** Of the newest deployment; null before the first. */
  readonly newest: DeploymentStatus | null
}

/** The one word for a service: the wish first, then what serves, then how the newest deployment ended. */
export const serviceState = (facts: ServiceFacts): ServiceState => {
  if (facts.wish === "deleted") return "deleting"
  if (facts.wish === "stopped") return "stopped"
  if (facts.routed) return facts.healthy ? "live" : "degraded"
  return facts.newest !== null && isFinished(facts.newest) ? "failed" : "deploying"
}
