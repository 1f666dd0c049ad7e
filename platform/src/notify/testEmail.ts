import { randomUUID } from "node:crypto"
import { Unavailable } from "@skypanel/contract/Errors"
import type { UserId } from "@skypanel/contract/Id"
import { Clock, Effect } from "effect"
import { PlatformConfig } from "../config.ts"
import { Mail } from "../mail/Mail.ts"
import { emailOf } from "./email.ts"

/** For each user; a mail server that gets many of the same takes the rest for spam. */
const pauseSeconds = 10
/** Somebody waits for the answer. */
const patienceSeconds = 30

const content = {
  title: "E-mail works",
  body: "This is the e-mail that you asked for. What you are told of by e-mail arrives in the same way.",
  worker: null,
  path: null,
}

/** Sends a user one e-mail at once, past the outbox, and says what the mail server said. */
export const makeTestEmail = Effect.gen(function* () {
  const mail = yield* Mail
  const { publicUrl } = yield* PlatformConfig
  const lastAt = new Map<UserId, number>()

  /** Takes the user's turn; false when the last one was just now. */
  const takeTurn = (user: UserId) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      for (const [id, at] of lastAt) if (now - at >= pauseSeconds * 1000) lastAt.delete(id)
      if (lastAt.has(user)) return false
      lastAt.set(user, now)
      return true
    })

  return (user: UserId, address: string) =>
    Effect.gen(function* () {
      if (!(yield* takeTurn(user)))
        return yield* new Unavailable({
          message: "One was sent just now.",
          next: `Wait ${pauseSeconds} seconds, and look into your mailbox meanwhile.`,
        })
      yield* mail.send(emailOf({ ...content, id: `test-${randomUUID()}` }, address, publicUrl)).pipe(
        Effect.timeoutOrElse({
          duration: `${patienceSeconds} seconds`,
          orElse: () =>
            Effect.fail(
              new Unavailable({
                message: `The mail server has not taken it within ${patienceSeconds} seconds.`,
                next: "It may still arrive. If none does, see what the mail server is busy with.",
              }),
            ),
        }),
        Effect.catchTags({
          MailUnavailable: ({ message, next }) => Effect.fail(new Unavailable({ message, next })),
          MailDeferred: ({ message }) =>
            Effect.fail(new Unavailable({ message, next: "Try again in a few minutes." })),
          MailRefused: ({ message }) =>
            Effect.fail(
              new Unavailable({
                message: `The mail server refuses your address: ${message}`,
                next: "See that your account has your e-mail address, and that the mail server may send to it.",
              }),
            ),
        }),
      )
    })
})
