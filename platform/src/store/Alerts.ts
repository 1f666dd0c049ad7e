import type { WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newId } from "../domain/id.ts"
import type { AlertKind } from "../domain/workers/alerts.ts"

/** Every alert that has started and not ended. */
export const openAlerts = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql<{
      readonly worker_id: WorkerId
      readonly kind: AlertKind
    }>`select worker_id, kind from alert where ended_at is null`,
)

/** False when it had started already. */
export const startAlert = (worker: WorkerId, kind: AlertKind) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`insert into alert (id, worker_id, kind, started_at) values (${newId("alr")}, ${worker}, ${kind}, now())
        on conflict do nothing returning id`,
      (rows) => rows.length > 0,
    ),
  )

/** False when it had ended already. */
export const endAlert = (worker: WorkerId, kind: AlertKind) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update alert set ended_at = now() where worker_id = ${worker} and kind = ${kind} and ended_at is null
        returning id`,
      (rows) => rows.length > 0,
    ),
  )
