import type { PgClient } from "@effect/sql-pg"
import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { Notifications } from "../notify/Notifications.ts"
import { audit } from "../store/Audit.ts"
import type { WorkerRow } from "../store/rows.ts"
import { Mover } from "./Mover.ts"

interface Late extends WorkerRow {
  readonly left: bigint
}

/** Drains that are past their deadline and of which that has not been said. */
const lateDrains = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Late>`
    select w.*, p.left from worker w
    join lateral (
      select count(*) as left from placement p where p.worker_id = w.id and p.state <> 'ended') p on p.left > 0
    where w.availability <> 'active' and w.removed_at is null and w.drain_deadline_at < now()
      and not exists (select from audit_event a where a.worker_id = w.id and a.action = 'worker.drain-stuck'
                      and a.at > w.drain_started_at)`,
)

const tell = (row: Late) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const notifications = yield* Notifications
    const mover = yield* Mover
    const reasons = mover
      .stuckOn(row.id)
      .slice(0, 10)
      .map(({ organization, service, reason }) => `${service} of ${organization}: ${reason}.`)
    const title = `The drain of ${row.name} is stuck: ${row.left} of ${row.drain_total} instances are left`
    yield* sql.withTransaction(
      Effect.andThen(
        audit({ action: "worker.drain-stuck", tone: "warn", text: `${title}.`, worker: row.id }),
        notifications.tell({
          kind: "drain",
          tone: "warn",
          title,
          body: ["It goes on; nothing was ended by force.", ...reasons].join("\n"),
          workerId: row.id,
        }),
      ),
    )
  })

/** Says once of each drain that it is past its deadline, and what holds it up. */
export const runDrains: Effect.Effect<
  void,
  never,
  SqlClient.SqlClient | PgClient.PgClient | Notifications | Mover
> = lateDrains.pipe(
  Effect.flatMap((rows) => Effect.forEach(rows, tell, { discard: true })),
  Effect.catchCause((cause) => Effect.logWarning("cannot look at the drains", cause)),
  Effect.repeat(Schedule.spaced("5 seconds")),
  Effect.asVoid,
)
