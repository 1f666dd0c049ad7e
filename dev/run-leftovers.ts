import { readdirSync, readFileSync } from "node:fs"
import { Effect, Schedule } from "effect"
import { isRunning, signal } from "./processes.ts"

/**
 * Every program that development starts inherits this variable, and so do the programs they start: that is how
 * what a killed run left is recognised. Its value is the data folder.
 */
export const RUN_MARK = "SKYPANEL_RUN"

const carriesMark = (pid: number, data: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${RUN_MARK}=${data}`)
  } catch {
    return false // gone meanwhile, or not ours
  }
}

const marked = (data: string): ReadonlyArray<number> => {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid && isRunning(pid) && carriesMark(pid, data))
  } catch {
    return []
  }
}

const end = (data: string, name: NodeJS.Signals) =>
  Effect.suspend(() => {
    const left = marked(data)
    for (const pid of left) signal(pid, name)
    return left.length === 0 ? Effect.void : Effect.fail("still running" as const)
  })

/** Ends what is left of a run with this data folder: asked for 10 seconds, then killed. */
export const endRun = (data: string) =>
  end(data, "SIGTERM").pipe(
    Effect.retry(Schedule.spaced(100)),
    Effect.timeoutOrElse({
      duration: 10_000,
      orElse: () => end(data, "SIGKILL").pipe(Effect.retry(Schedule.spaced(100)), Effect.timeoutOption(5000)),
    }),
    Effect.ignore,
  )
