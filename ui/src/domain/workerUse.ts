import { formatSize } from "@skypanel/contract/Resources"
import type { Worker } from "@skypanel/contract/Worker"

/** How much of one thing a worker uses, for a bar. */
export interface Use {
  readonly label: "CPU" | "Memory" | "Disk"
  /** 0 to 1; null while nothing was measured. */
  readonly share: number | null
  readonly text: string
  /** What its services were promised of it, 0 to 1; null for what is not promised to anybody. */
  readonly reserved: number | null
  readonly reservedText: string | null
}

const cores = (count: number): string => `${count} ${count === 1 ? "core" : "cores"}`
const shareOf = (used: number, all: number): number => (all === 0 ? 0 : used / all)

/** Empty while the worker has not told what it has. */
export const useOf = ({ capacity, health, reserved }: Worker): readonly Use[] => {
  if (capacity === null) return []
  const bytes = (label: "Memory" | "Disk", used: number | undefined, all: number) => ({
    label,
    share: used === undefined ? null : shareOf(used, all),
    text: used === undefined ? formatSize(all) : `${formatSize(used)} of ${formatSize(all)}`,
  })
  return [
    {
      label: "CPU",
      share: health === null ? null : health.cpuPercent / 100,
      text:
        health === null
          ? cores(capacity.cpu)
          : `${Math.round(health.cpuPercent)} % of ${cores(capacity.cpu)}`,
      reserved: shareOf(reserved.cpu, capacity.cpu),
      reservedText: `${Number(reserved.cpu.toFixed(2))} of ${capacity.cpu} reserved`,
    },
    {
      ...bytes("Memory", health?.memoryUsedBytes, capacity.memoryBytes),
      reserved: shareOf(reserved.memoryBytes, capacity.memoryBytes),
      reservedText: `${formatSize(reserved.memoryBytes)} reserved`,
    },
    { ...bytes("Disk", health?.diskUsedBytes, capacity.diskBytes), reserved: null, reservedText: null },
  ]
}

export const alertTitle: Record<Worker["alerts"][number], string> = {
  cpu: "CPU nearly used up",
  memory: "Memory nearly used up",
  disk: "Disk nearly full",
}

/** `3 instances`, `1 build`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

/** `2.6.12-1+deb12u4` is 2.6.12 as its makers count. */
export const upstream = (version: string): string => version.split(/[-+]/)[0]!

/** Does a change concern the worker of this name? One without a name concerns all. */
export const concernsWorker = (change: { readonly worker: string | null }, name: string): boolean =>
  change.worker === null || change.worker === name
