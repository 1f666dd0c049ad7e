import { Effect, Schedule } from "effect"
import { pruneNotifications } from "../store/Notifications.ts"
import { expireMail } from "../store/Outbox.ts"

/** Every hour removes what is older or more than what is kept. */
export const runPruning = Effect.andThen(expireMail, pruneNotifications).pipe(
  Effect.catchCause((cause) => Effect.logWarning("pruning notifications failed; it is tried again", cause)),
  Effect.repeat(Schedule.spaced("1 hour")),
)
