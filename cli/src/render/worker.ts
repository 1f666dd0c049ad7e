import { formatSize } from "@skypanel/contract/Resources"
import type { Worker } from "@skypanel/contract/Worker"
import { paintState } from "./state.ts"
import { table } from "./table.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

const usage = (used: number | undefined, total: number | undefined): string =>
  total === undefined
    ? "—"
    : used === undefined
      ? formatSize(total)
      : `${formatSize(used)} of ${formatSize(total)}`

export const workerList = (workers: ReadonlyArray<Worker>, view: View): ReadonlyArray<string> =>
  workers.length === 0
    ? ["No workers yet: nothing can be built or run."]
    : table<Worker>(
        [
          {
            title: "WORKER",
            cell: (worker) => `${worker.name}${worker.development ? " (development)" : ""}`,
          },
          {
            title: "STATE",
            cell: (worker) => worker.state,
            paint: (text, worker) => paintState(view.style)(text, worker.state),
          },
          { title: "ROLES", cell: (worker) => worker.roles.join(", ") },
          {
            title: "CPU",
            cell: (worker) =>
              worker.capacity === null
                ? "—"
                : worker.health === null
                  ? `${worker.capacity.cpu} cores`
                  : `${Math.round(worker.health.cpuPercent)} % of ${worker.capacity.cpu}`,
          },
          {
            title: "MEMORY",
            cell: (worker) => usage(worker.health?.memoryUsedBytes, worker.capacity?.memoryBytes),
          },
          {
            title: "DISK",
            cell: (worker) => usage(worker.health?.diskUsedBytes, worker.capacity?.diskBytes),
          },
          { title: "INSTANCES", cell: (worker) => String(worker.instances), align: "right" },
          { title: "BUILDS", cell: (worker) => String(worker.builds), align: "right" },
          {
            title: "PACKAGES",
            cell: (worker) =>
              worker.packageSet === null ? "—" : `${worker.packageSet.kind}: ${worker.packageSet.reference}`,
            shrink: true,
          },
          { title: "SEEN", cell: (worker) => formatAgo(worker.lastHeartbeatAt, view.now) },
        ],
        workers,
        { width: view.width, head: view.style.dim },
      )
