import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { audit } from "../../store/Audit.ts"
import type { WorkerRow } from "../../store/rows.ts"
import { FleetPolicies } from "../FleetPolicies.ts"
import { impossible, lockWorker } from "./lockedWorker.ts"

const minutesMost = 24 * 60

const wish = (
  row: WorkerRow,
  availability: WorkerRow["availability"],
  minutes: number | null,
  actor: string,
) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    minutes === null
      ? sql`update worker set availability = ${availability}, drain_started_at = null, drain_deadline_at = null,
            drain_by = null, drain_total = 0 where id = ${row.id}`
      : sql`update worker set availability = ${availability}, drain_started_at = now(),
            drain_deadline_at = now() + make_interval(mins => ${minutes}), drain_by = ${actor},
            drain_total = (select count(*) from placement p where p.worker_id = worker.id and p.state <> 'ended')
          where id = ${row.id}`,
  )

const within = (minutes: number | undefined, usual: number) =>
  Math.min(Math.max(Math.trunc(minutes ?? usual), 1), minutesMost)

const transaction = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(effect))

/** Wants nothing to run on it any more. Asked again it gets a new deadline. */
export const drainWorker = (name: string, minutes: number | undefined, actor: string) =>
  Effect.gen(function* () {
    const policies = yield* FleetPolicies
    const deadline = within(minutes, policies.current().drainMinutes)
    yield* transaction(
      Effect.gen(function* () {
        const row = yield* lockWorker(name)
        if (row.availability === "remove")
          return yield* impossible(`"${name}" is being removed.`, "Bring it back first, if it shall stay.")
        yield* wish(row, "drain", deadline, actor)
        yield* audit({
          actor,
          action: "worker.drain",
          text: `${name} is drained: within ${deadline} minutes.`,
          worker: row.id,
        })
      }),
    )
  })

/** Ends a drain or a removal where it is; what has moved away stays where it is. */
export const undrainWorker = (name: string, actor: string) =>
  transaction(
    Effect.gen(function* () {
      const row = yield* lockWorker(name)
      if (row.availability === "active")
        return yield* impossible(`"${name}" is not drained.`, "Nothing has to be undone.")
      yield* wish(row, "active", null, actor)
      yield* audit({
        actor,
        action: "worker.undrain",
        tone: "good",
        text: `${name} is brought back.`,
        worker: row.id,
      })
    }),
  )

/** Drains it, and ends it as a worker when it is empty. */
export const removeWorker = (name: string, actor: string) =>
  Effect.gen(function* () {
    const policies = yield* FleetPolicies
    yield* transaction(
      Effect.gen(function* () {
        const row = yield* lockWorker(name)
        yield* wish(row, "remove", policies.current().drainMinutes, actor)
        yield* audit({
          actor,
          action: "worker.remove",
          text: `${name} is removed when nothing runs there any more.`,
          worker: row.id,
        })
      }),
    )
  })
