import { formatSize } from "@skypanel/contract/Resources"
import type { Worker } from "@skypanel/contract/Worker"

/** How much of one thing a worker uses, for a bar. */
export interface Use {
  readonly label: "CPU" | "Memory" | "Disk"
  /** 0 to 1; null while nothing was measured. */
  readonly share: number | null
  readonly text: string
  /** What its services were promised of it, 0 to 1; null for what is not promised. */
  readonly reserved: number | null
  readonly reservedText: string | null
}

const cores = (count: number): string => `${count} ${count === 1 ? "core" : "cores"}`
const shareOf = (used: number, all: number): number => (all === 0 ? 0 : used / all)
const percent = (share: number): string => `${Math.round(share * 100)} %`

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
      reservedText: `${Number(reserved.cpu.toFixed(2))} of ${cores(capacity.cpu)} promised`,
    },
    {
      ...bytes("Memory", health?.memoryUsedBytes, capacity.memoryBytes),
      reserved: shareOf(reserved.memoryBytes, capacity.memoryBytes),
      reservedText: `${formatSize(reserved.memoryBytes)} promised, ${percent(shareOf(reserved.memoryBytes, capacity.memoryBytes))}`,
    },
    { ...bytes("Disk", health?.diskUsedBytes, capacity.diskBytes), reserved: null, reservedText: null },
  ]
}

export const alertTitle: Record<Worker["alerts"][number], string> = {
  cpu: "CPU nearly used up",
  memory: "Memory nearly used up",
  disk: "Disk nearly full",
}
