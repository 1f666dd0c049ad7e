import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { awaitDrained } from "../../awaitWorker.ts"
import * as flags from "../../flags.ts"
import { connect } from "../../Platform.ts"
import { countInstances } from "../../render/drain.ts"
import { show } from "../../show.ts"
import { waitFor, waitingTime } from "../../waiting.ts"
import { workerName } from "./workerName.ts"

const minutes = Flag.Int("minutes").pipe(
  Flag.withMetavar("N"),
  Flag.filter(
    (minutes) => minutes >= 1 && minutes <= 1440,
    () => "write a number of minutes between 1 and 1440",
  ),
  Flag.optional,
  Flag.withDescription("Until it is reported as stuck, 1 to 1440 (default: the policy's drain-deadline)"),
)

const drainGoesOn = (name: string): string =>
  `The drain of ${name} goes on. See it: skypanel workers show ${name}; stop it: skypanel workers undrain ${name}`

export const drain = Command.make(
  "drain",
  { name: workerName, minutes, wait: flags.wait, timeout: flags.timeout },
  Effect.fn(function* (given) {
    const atMost = yield* waitingTime(given.timeout)
    const { client } = yield* connect
    const payload = Option.isSome(given.minutes) ? { minutes: given.minutes.value } : {}
    const started = yield* client.workers.drain({ params: { worker: given.name }, payload })
    if (!given.wait)
      return yield* show(started, () => [
        `${given.name} is being drained; to be moved away: ${countInstances(started.drain?.left ?? 0)}.`,
        `See how it goes: skypanel workers show ${given.name}`,
      ])
    const drained = yield* awaitDrained(client, given.name).pipe(
      waitFor({ atMost, notYet: "Not drained", goesOn: drainGoesOn(given.name) }),
    )
    yield* show(drained, () => `${given.name} is drained.`)
  }),
).pipe(
  Command.withDescription(
    "Move every service away from a worker, each when its new instance is healthy; no request is lost. It takes nothing new until it is undrained.",
  ),
  Command.withShortDescription("Move every service away from a worker"),
)

export const undrain = Command.make(
  "undrain",
  { name: workerName },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const worker = yield* client.workers.undrain({ params: { worker: given.name } })
    yield* show(worker, () => `${given.name} takes services again.`)
  }),
).pipe(Command.withDescription("Stop a drain where it is, or bring a drained worker back"))
