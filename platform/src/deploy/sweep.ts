import { Effect, Schedule } from "effect"
import { PlatformConfig } from "../config.ts"
import { FolderStore } from "../folders/FolderStore.ts"
import { Repositories } from "../gitRemotes/Repositories.ts"
import { removeOldBuildLogs } from "../store/BuildLogs.ts"

/**
 * Every ten minutes removes folders that nothing is made of any more, repositories of services that are gone, and logs
 * of builds that are too old.
 */
export const runSweep = Effect.gen(function* () {
  yield* (yield* FolderStore).sweep
  yield* (yield* Repositories).sweep
  yield* removeOldBuildLogs((yield* PlatformConfig).buildLogDays)
}).pipe(
  Effect.catchCause((cause) => Effect.logWarning("sweeping failed; it is tried again", cause)),
  Effect.repeat(Schedule.spaced("10 minutes")),
  Effect.asVoid,
)
