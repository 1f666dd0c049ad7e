import { readdirSync, readFileSync } from "node:fs"
import { Effect, Schedule } from "effect"
import { isRunning, signal } from "./processes.ts"

/**
 * Every program that development starts inherits this variable, and so do the programs they start: that is how
 * what a killed run left is recognised. Its value is the data folder.
 */
export const RUN_MARK = "SKYPANEL_RUN"

const carries = (pid: number, mark: string, value: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${mark}=${value}`)
  } catch {
    return false // gone meanwhile, or not ours
  }
}

/** The processes whose environment has `mark` set to `value`, but us. */
export const marked = (mark: string, value: string): ReadonlyArray<number> => {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid && isRunning(pid) && carries(pid, mark, value))
  } catch {
    return []
  }
}

const end = (mark: string, value: string, name: NodeJS.Signals) =>
  Effect.suspend(() => {
    const left = marked(mark, value)
    for (const pid of left) signal(pid, name)
    return left.length === 0 ? Effect.void : Effect.fail("still running" as const)
  })

/** Ends all processes that carry a mark: asked for 10 seconds, then killed. */
export const endMarked = (mark: string, value: string) =>
  end(mark, value, "SIGTERM").pipe(
    Effect.retry(Schedule.spaced(100)),
    Effect.timeoutOrElse({
      duration: 10_000,
      orElse: () =>
        end(mark, value, "SIGKILL").pipe(Effect.retry(Schedule.spaced(100)), Effect.timeoutOption(5000)),
    }),
    Effect.ignore,
  )

/** Ends what is left of a development run with this data folder. */
export const endRun = (data: string) => endMarked(RUN_MARK, data)
