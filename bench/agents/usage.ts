import { readFileSync } from "node:fs"
import { runningProcesses } from "../../dev/processes.ts"

/** Linux counts processor time in hundredths of a second for every program, whatever the kernel's own clock. */
const ticksPerSecond = 100

/** Processor seconds that a process has used, user and system. */
const cpuSecondsOf = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return 0
  }
}

export const residentBytesOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024

/** Of a process with its children, for PostgreSQL. `cutime` of the parent has those that have ended. */
const cpuSecondsOfTree = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  const ended = (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
  const children = runningProcesses().filter(({ parent }) => parent === pid)
  return children.reduce((sum, child) => sum + cpuSecondsOf(child.pid), cpuSecondsOf(pid) + ended)
}

export interface Usage {
  readonly at: number
  readonly platform: number
  readonly database: number
}

export const usageOf = (platformPid: number, postgresPid: number): Usage => ({
  at: performance.now(),
  platform: cpuSecondsOf(platformPid),
  database: cpuSecondsOfTree(postgresPid),
})
