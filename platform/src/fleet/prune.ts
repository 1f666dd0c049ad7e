import { Effect, Schedule } from "effect"
import { pruneInstallations } from "../store/Installations.ts"
import { prunePlacements } from "../store/Placements.ts"

/** Every hour removes what nobody asks for any more; what happened to workers stays in the audit. */
export const runPruning = Effect.andThen(prunePlacements, pruneInstallations).pipe(
  Effect.catchCause((cause) => Effect.logWarning("pruning failed; it is tried again", cause)),
  Effect.repeat(Schedule.spaced("1 hour")),
  Effect.asVoid,
)
