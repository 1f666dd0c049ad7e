import type { DeploymentStatus } from "@skypanel/contract/Deployment"
import type { ServiceState } from "@skypanel/contract/Service"
import type { Worker } from "@skypanel/contract/Worker"
import type { Style } from "./style.ts"

type State = ServiceState | DeploymentStatus | Worker["state"]

const good: ReadonlyArray<State> = ["live", "connected"]
const bad: ReadonlyArray<State> = ["failed", "degraded", "silent"]
const quiet: ReadonlyArray<State> = ["stopped", "canceled", "deleting", "never-seen"]

/** Colours a state's word; the word itself stays, so that nothing is said by colour alone. */
export const paintState =
  (style: Style) =>
  (text: string, state: State): string => {
    if (good.includes(state)) return style.green(text)
    if (bad.includes(state)) return style.red(text)
    return quiet.includes(state) ? style.dim(text) : style.yellow(text)
  }
