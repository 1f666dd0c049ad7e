import { availableParallelism, loadavg, totalmem } from "node:os"
import { formatSize } from "@skypanel/contract/Resources"
import type { Capacity, Health } from "@skypanel/contract/Worker"
import { Effect } from "effect"
import { type Disk, diskOf } from "../Disk.ts"
import { readSystemFile } from "../systemFiles.ts"

interface CpuTimes {
  readonly busy: number
  readonly total: number
}

/** The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal (proc(5)). */
export const cpuTimesOf = (stat: string): CpuTimes => {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = stat
    .slice(0, stat.indexOf("\n"))
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  const busy = user + nice + system + irq + soft + steal
  return { busy, total: busy + idle + wait }
}

/** Bytes in use: what `MemAvailable` of `/proc/meminfo` leaves of `MemTotal`. */
export const memoryUsedOf = (meminfo: string): number => {
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(meminfo)?.[1] ?? 0)
  return Math.max(0, kilobytes("MemTotal") - kilobytes("MemAvailable")) * 1024
}

/** An image or a build that fills the disk to the last byte takes every service on it along. */
const freeLeast = 2 * 2 ** 30

/** Why nothing new fits on the disk; null while something does. */
export const spaceProblem = ({ folder, total, free }: Disk): string | null =>
  total > 0 && free < freeLeast
    ? `only ${formatSize(free)} of disk are left at ${folder}, and at least ${formatSize(freeLeast)} are needed: make room there, or move services away`
    : null

export const capacity = (dataFolder: string): Effect.Effect<Capacity> =>
  Effect.map(diskOf(dataFolder), ({ total }) => ({
    cpu: availableParallelism(),
    memoryBytes: totalmem(),
    diskBytes: total,
  }))

const readOr = (otherwise: string, path: string): string => {
  try {
    return readSystemFile(path)
  } catch {
    return otherwise
  }
}

/** Gives a measurement whose CPU part is the mean since the one before. Never fails: what cannot be read is 0. */
export const makeHealth = (dataFolder: string): Effect.Effect<Health> => {
  let before: CpuTimes = { busy: 0, total: 0 }
  return Effect.map(diskOf(dataFolder), ({ used }) => {
    const now = cpuTimesOf(readOr("\n", "/proc/stat"))
    const total = now.total - before.total
    const cpuPercent = total > 0 ? Math.round(((now.busy - before.busy) / total) * 1000) / 10 : 0
    before = now
    return {
      load1: Math.round((loadavg()[0] ?? 0) * 100) / 100,
      cpuPercent,
      memoryUsedBytes: memoryUsedOf(readOr("", "/proc/meminfo")),
      diskUsedBytes: used,
    }
  })
}
