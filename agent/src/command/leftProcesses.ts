import { readdirSync, readlinkSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"

const workingIn = (folder: string): ReadonlyArray<number> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        const at = readlinkSync(`/proc/${name}/cwd`)
        return at === folder || at.startsWith(`${folder}/`)
      } catch {
        return false // it ended meanwhile
      }
    })
    .map(Number)

const signalAll = (pids: ReadonlyArray<number>, name: NodeJS.Signals) => {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It ended meanwhile.
    }
  }
}

const patienceMs = 5_000

/** Ends what works in this folder or below: the proxy outlives its agent. */
export const endProcessesIn = async (folder: string): Promise<void> => {
  for (const name of ["SIGTERM", "SIGKILL"] as const) {
    const deadline = performance.now() + patienceMs
    signalAll(workingIn(folder), name)
    while (workingIn(folder).length > 0 && performance.now() < deadline) await wait(100)
  }
}
