import { Effect, Schedule } from "effect"
import { PlatformConfig } from "../config.ts"
import { FolderStore } from "../folders/FolderStore.ts"
import { Repositories } from "../gitRemotes/Repositories.ts"
import { removeOldBuildLogs } from "../store/BuildLogs.ts"

/** One that fails keeps no other from its work. */
const tried = <A, E, R>(what: string, sweep: Effect.Effect<A, E, R>) =>
  sweep.pipe(
    Effect.catchCause((cause) => Effect.logWarning(`sweeping ${what} failed; it is tried again`, cause)),
    Effect.asVoid,
  )

/** Folders that nothing is made of any more, repositories of services that are gone, and logs of old builds. */
export const sweepOnce = Effect.gen(function* () {
  yield* tried("folders", (yield* FolderStore).sweep)
  yield* tried("repositories", (yield* Repositories).sweep)
  yield* tried("logs of builds", removeOldBuildLogs((yield* PlatformConfig).buildLogDays))
})

export const runSweep = sweepOnce.pipe(Effect.repeat(Schedule.spaced("10 minutes")), Effect.asVoid)
