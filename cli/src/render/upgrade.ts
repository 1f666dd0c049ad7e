import type { AgentUpgrade } from "@skypanel/contract/Fleet"
import { paintState } from "./state.ts"
import type { Style } from "./style.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

type WorkerUpgrade = AgentUpgrade["workers"][number]

/** An upgrade as far as it is, worker by worker. */
export const upgradeStatus = (upgrade: AgentUpgrade, view: View): ReadonlyArray<string> => [
  `Upgrade to ${oneLine(upgrade.version)}: ${paintState(view.style)(upgrade.state, upgrade.state)}, started ${formatAgo(upgrade.startedAt, view.now)} by ${oneLine(upgrade.startedBy)}`,
  ...(upgrade.reason === "" ? [] : [oneLine(upgrade.reason)]),
  ...(upgrade.workers.length === 0
    ? []
    : table<WorkerUpgrade>(
        [
          { title: "WORKER", cell: (each) => each.worker },
          {
            title: "STATE",
            cell: (each) => each.state,
            paint: (text, each) => paintState(view.style)(text, each.state),
          },
          { title: "FROM", cell: (each) => each.from ?? "—" },
          { title: "DETAIL", cell: (each) => each.detail },
        ],
        upgrade.workers,
        { width: view.width, head: view.style.dim },
      )),
]

const marks: Record<WorkerUpgrade["state"], (style: Style) => string> = {
  waiting: () => " ",
  upgrading: (style) => style.yellow("…"),
  done: (style) => style.green("✓"),
  skipped: (style) => style.dim("-"),
  reverted: (style) => style.red("✗"),
  failed: (style) => style.red("✗"),
}

/** What has happened since `before`: a line for each worker that has come to another state. */
export const upgradeChanges = (
  before: AgentUpgrade | null,
  now: AgentUpgrade,
  style: Style,
): ReadonlyArray<string> =>
  now.workers
    .filter(
      ({ worker, state }) =>
        state !== "waiting" && before?.workers.find((each) => each.worker === worker)?.state !== state,
    )
    .map(({ worker, state, detail }) => {
      const more = detail === "" ? "" : `  ${style.dim(oneLine(detail))}`
      return `${marks[state](style)} ${oneLine(worker)} ${state}${more}`
    })
