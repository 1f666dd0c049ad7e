import { Effect, Schedule } from "effect"
import { FolderStore } from "../folders/FolderStore.ts"
import { Repositories } from "../gitRemotes/Repositories.ts"

/** Every ten minutes removes folders that nothing is made of any more, and repositories of services that are gone. */
export const runSweep = Effect.gen(function* () {
  yield* (yield* FolderStore).sweep
  yield* (yield* Repositories).sweep
}).pipe(
  Effect.catchCause((cause) => Effect.logWarning("sweeping failed; it is tried again", cause)),
  Effect.repeat(Schedule.spaced("10 minutes")),
  Effect.asVoid,
)
