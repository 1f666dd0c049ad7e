import type { BuildState } from "@skypanel/contract/BuildRecord"
import type { DeploymentStatus } from "@skypanel/contract/Deployment"
import type { AgentUpgrade } from "@skypanel/contract/Fleet"
import type { Installation } from "@skypanel/contract/Installation"
import type { ServiceState } from "@skypanel/contract/Service"
import type { StackState } from "@skypanel/contract/Stack"
import type { WorkerInstance, WorkerState } from "@skypanel/contract/Worker"
import type { Style } from "./style.ts"

type State =
  | ServiceState
  | StackState
  | DeploymentStatus
  | BuildState
  | WorkerState
  | WorkerInstance["state"]
  | Installation["state"]
  | AgentUpgrade["state"]
  | AgentUpgrade["workers"][number]["state"]

const good: ReadonlyArray<State> = ["live", "active", "serving", "used", "done", "succeeded"]
const bad: ReadonlyArray<State> = ["failed", "degraded", "suspect", "unhealthy", "reverted"]
const quiet: ReadonlyArray<State> = [
  "stopped",
  "canceled",
  "deleting",
  "drained",
  "removed",
  "expired",
  "revoked",
  "skipped",
]

/** Colours a state's word; the word itself stays, so that nothing is said by colour alone. */
export const paintState =
  (style: Style) =>
  (text: string, state: State): string => {
    if (good.includes(state)) return style.green(text)
    if (bad.includes(state)) return style.red(text)
    return quiet.includes(state) ? style.dim(text) : style.yellow(text)
  }
