import type { ServiceState } from "@skypanel/contract/Service"
import type { StackState } from "@skypanel/contract/Stack"

export interface StackFacts {
  readonly wish: "running" | "deleted"
  readonly newest: "deploying" | "live" | "failed"
  /** Did any revision get live? */
  readonly everLive: boolean
  /** Of its services; null: one that is not there. */
  readonly services: ReadonlyArray<ServiceState | null>
}

/** The one word for a stack. */
export const stackState = ({ wish, newest, everLive, services }: StackFacts): StackState => {
  if (wish === "deleted") return "deleting"
  if (newest === "deploying") return "deploying"
  if (!everLive) return "failed"
  return newest === "live" && services.every((state) => state === "live") ? "live" : "degraded"
}
