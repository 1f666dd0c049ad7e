import type { Fleet } from "@skypanel/contract/Fleet"
import { formatSize } from "@skypanel/contract/Resources"
import type { Worker } from "@skypanel/contract/Worker"
import { fieldLines } from "./fields.ts"
import { paintState } from "./state.ts"
import type { Style } from "./style.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

const none = "—"

/** What is used of how much there is, as far as it is known. */
export const formatUsage = (used: number | undefined, total: number | undefined): string => {
  if (total === undefined) return none
  return used === undefined ? formatSize(total) : `${formatSize(used)} of ${formatSize(total)}`
}

export const formatCpu = ({ capacity, health }: Worker): string => {
  if (capacity === null) return none
  return health === null ? `${capacity.cpu} cores` : `${Math.round(health.cpuPercent)} % of ${capacity.cpu}`
}

export const formatLabels = (labels: Worker["labels"]): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ")

export const nameOf = (worker: Worker): string =>
  `${worker.name}${worker.development ? " (development)" : ""}`

export const workerList = (workers: ReadonlyArray<Worker>, view: View): ReadonlyArray<string> =>
  table<Worker>(
    [
      { title: "WORKER", cell: nameOf },
      {
        title: "STATE",
        cell: (worker) => worker.state,
        paint: (text, worker) => paintState(view.style)(text, worker.state),
      },
      { title: "ROLES", cell: (worker) => worker.roles.join(", ") },
      { title: "REGION", cell: (worker) => worker.region ?? none, spare: 4 },
      { title: "CPU", cell: formatCpu },
      {
        title: "MEMORY",
        cell: (worker) => formatUsage(worker.health?.memoryUsedBytes, worker.capacity?.memoryBytes),
        spare: 1,
      },
      {
        title: "DISK",
        cell: (worker) => formatUsage(worker.health?.diskUsedBytes, worker.capacity?.diskBytes),
        spare: 3,
      },
      { title: "INSTANCES", cell: (worker) => String(worker.instances), align: "right" },
      { title: "BUILDS", cell: (worker) => String(worker.builds), align: "right", spare: 6 },
      { title: "AGENT", cell: (worker) => worker.versions?.agent ?? none, spare: 5 },
      { title: "SEEN", cell: (worker) => formatAgo(worker.lastHeartbeatAt, view.now), spare: 2 },
      // The last, and never shortened: it says what is wrong.
      { title: "REASON", cell: (worker) => worker.reason, wraps: true },
    ],
    workers,
    { width: view.width, head: view.style.dim },
  )

/** What an administrator may set of a worker. */
export const workerNaming = (worker: Worker, view: View): ReadonlyArray<string> =>
  fieldLines(
    [
      ["Worker", view.style.bold(oneLine(nameOf(worker)))],
      ["Region", oneLine(worker.region ?? "none")],
      ["Labels", oneLine(formatLabels(worker.labels)) || "none"],
    ],
    view.style,
  )

/** What concerns the workers as a whole and somebody should know who looks at them. */
export const fleetNotes = (fleet: Fleet, style: Style): ReadonlyArray<string> => [
  ...(fleet.brake === null
    ? []
    : [
        style.red(
          `The brake holds: ${fleet.brake.silent} of ${fleet.brake.of} workers are silent, so nothing is moved.`,
        ),
      ]),
  ...(fleet.outdated.length === 0
    ? []
    : [
        style.yellow(
          `${fleet.outdated.length} of the agents could be upgraded to this platform's version: skypanel workers upgrade`,
        ),
      ]),
]

/** What has happened since `before`: a line when its state or the reason for it changed. */
export const workerChanges = (before: Worker | null, now: Worker, style: Style): ReadonlyArray<string> => {
  if (before?.state === now.state && before.reason === now.reason) return []
  const reason = now.reason === "" ? "" : `  ${style.dim(oneLine(now.reason))}`
  const mark = now.state === "active" ? style.green("✓") : style.yellow("…")
  return [`${mark} ${now.state}${reason}`]
}
