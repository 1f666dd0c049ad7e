import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { ServiceTab } from "./paths.ts"

export interface NextStep {
  readonly text: string
  /** Where it leads; `redeploy` gives the order. */
  readonly leads: ServiceTab | "redeploy"
}

const configure = (text: string): NextStep => ({ text, leads: "configuration" })
const connect: NextStep = { text: "Look at the repository's settings", leads: "settings" }
const again: NextStep = { text: "Redeploy", leads: "redeploy" }

/** The button beside what went wrong. */
export const nextStep = (code: DeploymentFailure["code"]): NextStep => {
  switch (code) {
    case "source-not-found":
    case "source-refused":
    case "source-not-recognised":
    case "evaluation-syntax":
    case "evaluation-undefined":
    case "evaluation-failed":
    case "evaluation-limit":
    case "access-refused":
    case "no-command":
      return configure("Change the source")
    case "credential-refused":
    case "host-key-changed":
    case "certificate-refused":
      return connect
    case "no-capacity":
    case "out-of-memory":
      return configure("Change the resources")
    case "port-closed":
    case "unhealthy":
      return configure("Change port or health path")
    case "exited":
      return configure("Change the configuration")
    default:
      return again
  }
}
