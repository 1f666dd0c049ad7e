import { formatSize } from "@skypanel/contract/Resources"
import type { AgentOrigin, Worker, WorkerInstance } from "@skypanel/contract/Worker"
import { drainDeadline, drainLeft, stuckLines } from "./drain.ts"
import { fieldLines } from "./fields.ts"
import { paintState } from "./state.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo, formatDuration, formatUntil } from "./time.ts"
import type { View } from "./view.ts"
import { formatCpu, formatLabels, formatUsage, nameOf } from "./worker.ts"

/** A worker and what runs on it. */
export interface WorkerDetails {
  readonly worker: Worker
  readonly instances: ReadonlyArray<WorkerInstance>
}

const origins: Record<AgentOrigin, string> = {
  bundle: "its version is the platform's",
  nixos: "its version is its NixOS configuration's",
  development: "of this checkout",
}

const agentOf = ({ versions, origin }: Worker): string => {
  if (versions === null) return ""
  return `${versions.agent} on ${versions.runtime}${origin === null ? "" : `, ${origins[origin]}`}`
}

const programsOf = ({ versions }: Worker): string =>
  versions === null
    ? ""
    : [
        ["Docker Engine", versions.docker],
        ["Nix", versions.nix],
        ["HAProxy", versions.haproxy],
      ]
        .filter(([, version]) => version !== null)
        .map(([name, version]) => `${name} ${version}`)
        .join(", ")

const age = (since: string, view: View): string => formatDuration(view.now - Date.parse(since))

const stateFields = (worker: Worker, view: View): ReadonlyArray<readonly [string, string]> => [
  ["Worker", view.style.bold(oneLine(nameOf(worker)))],
  ["State", `${paintState(view.style)(worker.state, worker.state)} for ${age(worker.stateSince, view)}`],
  ["", oneLine(worker.reason)],
  ["Takes new", worker.takesNew ? "yes" : "no"],
  [
    "Quarantine",
    worker.quarantinedUntil === null ? "" : `ends ${formatUntil(worker.quarantinedUntil, view.now)}`,
  ],
  ["Alerts", worker.alerts.length === 0 ? "" : view.style.red(worker.alerts.join(", "))],
  [
    "Drain",
    worker.drain === null ? "" : `${drainLeft(worker.drain)}, ${drainDeadline(worker.drain, view.now)}`,
  ],
  ...(worker.drain === null ? [] : stuckLines(worker.drain, view.style).map((line) => ["", line] as const)),
]

const machineFields = (worker: Worker, view: View): ReadonlyArray<readonly [string, string]> => [
  ["Roles", worker.roles.join(", ")],
  ["Region", oneLine(worker.region ?? "")],
  ["Labels", oneLine(formatLabels(worker.labels))],
  ["Address", oneLine(worker.address ?? "")],
  ["CPU", `${formatCpu(worker)}${worker.health === null ? "" : `, load ${worker.health.load1.toFixed(2)}`}`],
  ["Memory", formatUsage(worker.health?.memoryUsedBytes, worker.capacity?.memoryBytes)],
  ["Disk", formatUsage(worker.health?.diskUsedBytes, worker.capacity?.diskBytes)],
  ["Reserved", `${worker.reserved.cpu} CPU, ${formatSize(worker.reserved.memoryBytes)} memory`],
  ["Builds", String(worker.builds)],
  ["Agent", oneLine(agentOf(worker))],
  ["Programs", oneLine(programsOf(worker))],
  [
    "Packages",
    worker.packageSet === null ? "" : oneLine(`${worker.packageSet.kind}: ${worker.packageSet.reference}`),
  ],
  ["Seen", formatAgo(worker.lastHeartbeatAt, view.now)],
  ["Added", formatAgo(worker.createdAt, view.now)],
]

const instanceTable = (instances: ReadonlyArray<WorkerInstance>, view: View): ReadonlyArray<string> =>
  table<WorkerInstance>(
    [
      { title: "SERVICE", cell: (instance) => `${instance.organization}/${instance.service}` },
      { title: "SLOT", cell: (instance) => String(instance.slot), align: "right" },
      {
        title: "STATE",
        cell: (instance) => `${instance.state}${instance.healthy ? ", healthy" : ""}`,
        paint: (text, instance) => paintState(view.style)(text, instance.state),
      },
      { title: "SINCE", cell: (instance) => formatAgo(instance.since, view.now) },
      { title: "MOVES TO", cell: (instance) => instance.movesTo ?? "—" },
      { title: "PROBE", cell: (instance) => instance.probe, shrink: true },
    ],
    instances,
    { width: view.width, head: view.style.dim },
  )

export const workerDetails = ({ worker, instances }: WorkerDetails, view: View): ReadonlyArray<string> => [
  ...fieldLines([...stateFields(worker, view), ...machineFields(worker, view)], view.style),
  "",
  ...(instances.length === 0 ? ["Nothing runs there."] : instanceTable(instances, view)),
]
