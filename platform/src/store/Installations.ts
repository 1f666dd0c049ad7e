import { createHash } from "node:crypto"
import { PgClient } from "@effect/sql-pg"
import type { InstallationId, WorkerId } from "@skypanel/contract/Id"
import { type AgentRuntime, type Installation, installationMinutes } from "@skypanel/contract/Installation"
import type { Labels, WorkerRole } from "@skypanel/contract/Worker"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newInstallationId } from "../domain/id.ts"
import type { InstallationRow } from "./rows.ts"

/** Only its hash is kept: whoever reads the database learns no token. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex")

export interface NewInstallation {
  readonly token: string
  readonly name: string | null
  readonly roles: ReadonlyArray<WorkerRole>
  readonly labels: Labels
  readonly region: string | null
  readonly runtime: AgentRuntime
  readonly allowFrom: string | null
  readonly replaces: WorkerId | null
  readonly development: boolean
  readonly createdBy: string
}

export const insertInstallation = (of: NewInstallation) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const rows = yield* sql<InstallationRow>`
      insert into installation (id, token_hash, name, roles, labels, region, runtime, allow_from,
        replaces_worker_id, development, created_by, expires_at)
      values (${newInstallationId()}, ${hashToken(of.token)}, ${of.name},
        array(select jsonb_array_elements_text(${pg.json(of.roles)}::jsonb)), ${pg.json(of.labels)}, ${of.region},
        ${of.runtime}, ${of.allowFrom}, ${of.replaces}, ${of.development}, ${of.createdBy},
        now() + make_interval(mins => ${installationMinutes}))
      returning *`
    return rows[0]!
  })

/** An installation with the worker that it made or replaces, as people see it. */
interface ViewRow extends InstallationRow {
  readonly worker_name: string | null
  readonly replaces_name: string | null
  readonly expired: boolean
}

const stateOf = (row: ViewRow): Installation["state"] => {
  if (row.used_at !== null) return "used"
  if (row.revoked_at !== null) return "revoked"
  if (row.expired) return "expired"
  return row.fetched_at === null ? "open" : "fetched"
}

const toInstallation = (row: ViewRow): Installation => ({
  id: row.id,
  name: row.name,
  roles: row.roles,
  labels: row.labels,
  region: row.region,
  runtime: row.runtime,
  allowFrom: row.allow_from,
  replaces: row.replaces_name,
  state: stateOf(row),
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  worker: row.worker_name,
})

const select = (sql: SqlClient.SqlClient, id: string | null) => sql<ViewRow>`
  select i.*, w.name as worker_name, r.name as replaces_name, i.expires_at < now() as expired
  from installation i
  left join worker w on w.id = i.worker_id left join worker r on r.id = i.replaces_worker_id
  where not i.development and ${id === null ? sql`i.created_at > now() - interval '1 day'` : sql`i.id = ${id}`}
  order by i.created_at desc limit 100`

/** Of the last day, newest first. */
export const listInstallations = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(select(sql, null), (rows) => rows.map(toInstallation)),
)

export const findInstallation = (id: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(select(sql, id), (rows) => (rows[0] === undefined ? null : toInstallation(rows[0]))),
  )

export interface InstallationOfToken extends InstallationRow {
  readonly expired: boolean
}

/** Locked until the transaction ends: of two who use a token at once, one waits and finds it used. */
export const lockInstallation = (token: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<InstallationOfToken>`select *, expires_at < now() as expired from installation
        where token_hash = ${hashToken(token)} for update`,
      (rows) => rows[0] ?? null,
    ),
  )

export const installationOfToken = (token: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<InstallationOfToken>`select *, expires_at < now() as expired from installation
        where token_hash = ${hashToken(token)}`,
      (rows) => rows[0] ?? null,
    ),
  )

export const markFetched = (id: InstallationId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update installation set fetched_at = now() where id = ${id} and fetched_at is null`,
  )

export const markUsed = (id: InstallationId, worker: WorkerId, publicKey: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update installation set used_at = now(), worker_id = ${worker}, public_key = ${publicKey}
      where id = ${id}`,
  )

/** False when it was used or had ended before. */
export const revokeInstallation = (id: InstallationId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update installation set revoked_at = now()
        where id = ${id} and used_at is null and revoked_at is null and expires_at > now() returning id`,
      (rows) => rows.length > 0,
    ),
  )

/** Who has a name: a worker, or an open installation that keeps it for one; null: nobody. */
export const holderOfName = (name: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ readonly holder: "worker" | "installation" }>`
        select 'worker' as holder from worker where name = ${name} and removed_at is null
        union all select 'installation' from installation
          where name = ${name} and used_at is null and revoked_at is null and expires_at > now()
            and replaces_worker_id is null limit 1`,
      (rows) => rows[0]?.holder ?? null,
    ),
  )

/** Those that made no worker and cannot any more. */
export const pruneInstallations = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`delete from installation where used_at is null and expires_at < now() - interval '30 days'`,
)
