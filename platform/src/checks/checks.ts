import { type Check, checkWaitMost, type StartCheck } from "@skypanel/contract/Check"
import { NotFound, NotPossibleNow, Unavailable } from "@skypanel/contract/Errors"
import type { CheckId, ServiceId, UserId } from "@skypanel/contract/Id"
import { Effect, Option, Schedule, Stream } from "effect"
import type { Member } from "../auth/Auth.ts"
import { admitSource } from "../deploy/admission.ts"
import { lockUsable } from "../deploy/requests/lockedService.ts"
import { diagnosticOf } from "../domain/diagnostics.ts"
import { newCheckId } from "../domain/id.ts"
import { Changes } from "../store/Changes.ts"
import {
  type CheckRow,
  canCheck,
  dealChecks,
  findCheck,
  openChecks,
  replaceCheck,
  tendChecks,
} from "../store/Checks.ts"
import { asTenant } from "../store/Tenant.ts"

/** Of one organization at a time; each of its members has one. */
const openMost = 20

const view = (row: CheckRow): Check => ({
  id: row.id,
  state: row.finished_at !== null ? "done" : row.worker_id === null ? "waiting" : "checking",
  diagnostics: row.failure === null ? [] : [diagnosticOf(row.failure, row.source)],
  plan: row.plan,
})

const sourceOf = (organization: Member, wanted: StartCheck) =>
  "service" in wanted
    ? Effect.map(lockUsable(organization, wanted.service), ({ id, source }) => ({ service: id, source }))
    : Effect.map(
        admitSource(organization.id, wanted.source, { environment: {}, source: null }),
        ({ source }) => ({ service: null as ServiceId | null, source }),
      )

/** Starts it, and ends the one that the member started before. */
export const startCheck = (organization: Member, user: UserId, wanted: StartCheck) =>
  Effect.gen(function* () {
    if (!(yield* canCheck))
      return yield* new Unavailable({
        message: "No builder can check this now.",
        next: "Check it again in a moment; a deployment waits for a builder.",
      })
    const id = newCheckId()
    return yield* asTenant(
      organization.id,
      Effect.gen(function* () {
        if ((yield* openChecks(organization.id, user)) >= openMost)
          return yield* new NotPossibleNow({
            message: `${openMost} checks of this organization are under way.`,
            next: "Check it again when one of them has ended.",
          })
        const { source, service } = yield* sourceOf(organization, wanted)
        yield* replaceCheck({ id, organization: organization.id, user, source, service })
        return { id, state: "waiting", diagnostics: [], plan: null } satisfies Check
      }),
    )
  })

/** The check when it has ended, or as it is after so many seconds. */
export const awaitCheck = (organization: Member, user: UserId, id: CheckId, seconds: number) =>
  Effect.gen(function* () {
    const changes = yield* Changes
    const read = asTenant(organization.id, findCheck(organization.id, user, id)).pipe(
      Effect.flatMap((row) =>
        row === null
          ? new NotFound({
              message: "This check is not there any more.",
              next: "A newer one of yours has taken its place, or it is over for long: check it again.",
            })
          : Effect.succeed(view(row)),
      ),
    )
    const ended = changes.until(
      Effect.map(read, (check) => (check.state === "done" ? check : null)),
      ({ table, organization: its }) => table === "source_check" && its === organization.id,
    )
    const wait = Math.min(Math.max(seconds, 0), checkWaitMost)
    return (
      Option.getOrElse(yield* Effect.timeoutOption(ended, `${wait} seconds`), () => null) ?? (yield* read)
    )
  })

const deal = dealChecks.pipe(
  Effect.catchCause((cause) => Effect.logWarning("checks were not dealt out; it is tried again", cause)),
)
const tend = Effect.andThen(tendChecks, deal).pipe(
  Effect.catchCause((cause) => Effect.logWarning("checks were not looked after", cause)),
)

/** Has builders carry out the checks that wait. */
export const runChecks = Effect.gen(function* () {
  const changes = yield* Changes
  const asked = Stream.filter(changes.stream, ({ table }) => table === null || table === "source_check")
  yield* Effect.forkChild(tend.pipe(Effect.repeat(Schedule.spaced("5 seconds"))))
  yield* asked.pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => deal),
    Effect.retry(Schedule.spaced("1 second")),
  )
})
