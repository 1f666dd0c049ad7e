import { Effect, Schedule } from "effect"
import { FolderStore } from "../folders/FolderStore.ts"

/** Every hour removes folders that nothing is made of any more. */
export const runFolderSweep = Effect.flatMap(FolderStore, ({ sweep }) => sweep).pipe(
  Effect.catchCause((cause) => Effect.logWarning("sweeping folders failed; it is tried again", cause)),
  Effect.repeat(Schedule.spaced("1 hour")),
  Effect.asVoid,
)
