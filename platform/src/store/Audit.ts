import { PgClient } from "@effect/sql-pg"
import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import type { AuditEventId, InstallationId, WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newAuditEventId } from "../domain/id.ts"

export interface ToAudit {
  /** A user's e-mail address, or a worker's name; left out: it was the platform itself. */
  readonly actor?: string
  readonly action: string
  readonly text: string
  readonly tone?: AuditEvent["tone"]
  readonly worker?: WorkerId | null
  readonly installation?: InstallationId | null
  readonly detail?: object
}

export const platformActor = "SkyPanel"

/** Written once, in the transaction of what it tells, and never changed. */
export const audit = (event: ToAudit) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`insert into audit_event ${sql.insert({
      id: newAuditEventId(),
      actor: event.actor ?? platformActor,
      action: event.action,
      text: event.text,
      tone: event.tone ?? "info",
      worker_id: event.worker ?? null,
      installation_id: event.installation ?? null,
      detail: event.detail === undefined ? null : pg.json(event.detail),
    } as never)}`
  })

interface Row {
  readonly id: AuditEventId
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly text: string
  readonly tone: AuditEvent["tone"]
  readonly worker: string | null
}

/** Newest first, at most 100; of one worker, or of the whole fleet. */
export const listAudit = (worker: WorkerId | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Row>`
      select a.id, a.at, a.actor, a.action, a.text, a.tone, w.name as worker
      from audit_event a left join worker w on w.id = a.worker_id
      where ${worker === null ? sql`true` : sql`a.worker_id = ${worker}`}
      order by a.at desc, a.id desc limit 100`
    return rows.map((row): AuditEvent => ({ ...row, at: row.at.toISOString() }))
  })

/** How often something happened to a worker lately. */
export const countAudit = (worker: WorkerId, action: string, minutes: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ count: bigint }>`select count(*) as count from audit_event
        where worker_id = ${worker} and action = ${action} and at > now() - make_interval(mins => ${minutes})`,
      (rows) => Number(rows[0]?.count ?? 0),
    ),
  )

export const countMisuse = (installation: InstallationId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ count: bigint }>`select count(*) as count from audit_event
        where installation_id = ${installation} and action = 'installation.misused'`,
      (rows) => Number(rows[0]?.count ?? 0),
    ),
  )
