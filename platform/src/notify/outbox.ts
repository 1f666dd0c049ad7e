import { Effect, Schedule } from "effect"
import { PlatformConfig } from "../config.ts"
import { nextMailTry } from "../domain/mailRetry.ts"
import type { MailError } from "../mail/errors.ts"
import { Mail, mailTimes } from "../mail/Mail.ts"
import { claimMail, endMail, postponeMail, type WaitingMail } from "../store/Outbox.ts"
import { emailOf } from "./email.ts"

export interface OutboxLimits {
  /** Messages at once, each over a connection of its own. */
  readonly atOnce: number
  /** Longer than a message may take: who holds one as long is dead, and another platform sends it. */
  readonly leaseSeconds: number
  /** Between two looks for something to send. */
  readonly lookMs: number
  /** While the mail server cannot be used. */
  readonly pauseMs: number
}

export const outboxLimits: OutboxLimits = {
  atOnce: 5,
  leaseSeconds: mailTimes.message / 1000 + 60,
  lookMs: 5_000,
  pauseMs: 30_000,
}

/** What became of a message is written down even if the database is away for a moment: else it would be sent again. */
const aFewTimes = Schedule.spaced("1 second").pipe(Schedule.upTo({ times: 5 }))

const settleError = (waiting: WaitingMail, error: MailError) => {
  const deferrals = waiting.mail_attempts + (error._tag === "MailDeferred" ? 1 : 0)
  const reason = error._tag === "MailUnavailable" ? "unavailable" : "deferred"
  const seconds =
    error._tag === "MailRefused" ? null : nextMailTry({ reason, deferrals, ageSeconds: waiting.age_seconds })
  const then = seconds === null ? "is given up" : `is tried again in ${Math.round(seconds)} s`
  return Effect.andThen(
    Effect.logWarning(`the e-mail of ${waiting.id} ${then}: ${error.message}`),
    (seconds === null ? endMail(waiting.id, "failed") : postponeMail(waiting.id, deferrals, seconds)).pipe(
      Effect.retry(aFewTimes),
    ),
  )
}

/** False: the mail server cannot be used now. Once the server has answered, nothing keeps that from being written down. */
const deliver = (waiting: WaitingMail) =>
  Effect.uninterruptibleMask((interruptible) =>
    Effect.gen(function* () {
      const mail = yield* Mail
      const { publicUrl } = yield* PlatformConfig
      const message = emailOf(waiting, waiting.mail_address, publicUrl)
      return yield* interruptible(mail.send(message)).pipe(
        Effect.matchEffect({
          onSuccess: () => Effect.as(endMail(waiting.id, "sent").pipe(Effect.retry(aFewTimes)), true),
          onFailure: (error) => Effect.as(settleError(waiting, error), error._tag !== "MailUnavailable"),
        }),
      )
    }),
  )

/** Sends one message that is due; says how long to wait before the next. */
const sendOne = (limits: OutboxLimits) =>
  Effect.gen(function* () {
    const due = yield* claimMail(limits.leaseSeconds)
    if (due === null) return limits.lookMs
    return (yield* deliver(due)) ? 0 : limits.pauseMs
  }).pipe(
    Effect.catchCause((cause) =>
      Effect.as(Effect.logWarning("the outbox failed; it is tried again", cause), limits.pauseMs),
    ),
  )

/**
 * Sends the e-mails that wait, for ever, in as many lanes as may be under way at once: a slow one holds up no other.
 * Any number of platforms may do so. What is interrupted in the middle is sent again when its lease is over: twice
 * rather than never.
 */
export const runOutboxWith = (limits: OutboxLimits) =>
  Effect.gen(function* () {
    if (!(yield* Mail).configured) return
    const lane = Effect.forever(Effect.flatMap(sendOne(limits), (waitMs) => Effect.sleep(waitMs)))
    yield* Effect.all(Array<typeof lane>(limits.atOnce).fill(lane), {
      concurrency: "unbounded",
      discard: true,
    })
  })

export const runOutbox = runOutboxWith(outboxLimits)
