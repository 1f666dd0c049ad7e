import { PgClient } from "@effect/sql-pg"
import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { OrganizationId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import { type KnownHash, type LearnedHash, learnedHashesMost } from "@skypanel/contract/LearnedHash"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Of `service s`: what its builds are held to, as a builder is told it. */
export const learnedColumn = (sql: SqlClient.SqlClient) => sql`
  (select jsonb_agg(to_jsonb(h) order by h.kind, h.lock) from (
    select kind, subject, lock, hash from learned_hash where service_id = s.id
    order by used_at desc, learned_at desc, lock limit ${learnedHashesMost}) h) as learned`

const recordset = (sql: SqlClient.SqlClient, pg: PgClient.PgClient, learned: ReadonlyArray<LearnedHash>) =>
  sql`jsonb_to_recordset(${pg.json(learned)}::jsonb) as k (kind text, lock text, subject text, hash text)`

/** Those that were used last stay. */
const prune = (service: ServiceId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`delete from learned_hash where service_id = ${service} and (kind, lock) in (
      select kind, lock from learned_hash where service_id = ${service}
      order by used_at desc, learned_at desc, lock offset ${learnedHashesMost})`,
  )

/**
 * Keeps what a build has learned, once for each build: what is forgotten while it goes on is not known again by it. Only
 * the worker that has the build may say so, and what is known already stays as it is.
 */
export const recordLearned = (worker: WorkerId, { id, learned = [] }: BuildObserved) =>
  Effect.gen(function* () {
    if (learned.length === 0) return
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        const [build] = yield* sql<{
          service_id: ServiceId
          organization_id: OrganizationId
          deployment_id: string
        }>`
          select d.service_id, d.organization_id, d.id as deployment_id
          from build b join deployment d on d.id = b.deployment_id
          where b.id = ${id} and b.worker_id = ${worker} and b.finished_at is null and b.learned = '[]'
          for update of b`
        if (build === undefined) return
        yield* sql`insert into learned_hash (service_id, organization_id, deployment_id, kind, lock, subject, hash)
          select distinct on (k.kind, k.lock) ${build.service_id}, ${build.organization_id}, ${build.deployment_id},
            k.kind, k.lock, k.subject, k.hash
          from ${recordset(sql, pg, learned)} order by k.kind, k.lock
          on conflict (service_id, kind, lock) do update set used_at = now()`
        yield* prune(build.service_id)
        yield* sql`update build set learned = (
            select jsonb_agg(to_jsonb(k) || jsonb_build_object('learned', h.deployment_id is not distinct from ${build.deployment_id})
              order by k.kind, k.subject)
            from (select distinct on (kind, lock) * from ${recordset(sql, pg, learned)}) k left join learned_hash h
              on h.service_id = ${build.service_id} and h.kind = k.kind and h.lock = k.lock)
          where id = ${id}`
      }),
    )
  })

/** Of what a build used, what its service is held to otherwise by now: two that learn at a time may see different bytes. */
export const learnedOtherwise = (worker: WorkerId, { id, learned = [] }: BuildObserved) =>
  Effect.gen(function* () {
    if (learned.length === 0) return null
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const [other] = yield* sql<{ subject: string; lock: string; got: string; expected: string }>`
      select k.subject, k.lock, k.hash as got, h.hash as expected
      from build b join deployment d on d.id = b.deployment_id join learned_hash h on h.service_id = d.service_id,
        ${recordset(sql, pg, learned)}
      where b.id = ${id} and b.worker_id = ${worker} and h.kind = k.kind and h.lock = k.lock and h.hash <> k.hash
      limit 1`
    return other ?? null
  })

interface Row extends LearnedHash {
  readonly deployment: number | null
  readonly learned_at: Date
  readonly used_at: Date
}

/** Those that were used last come first; runs in the organization's transaction. */
export const listLearned = (organization: OrganizationId, service: ServiceId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Row>`
      select h.kind, h.subject, h.lock, h.hash, d.number as deployment, h.learned_at, h.used_at
      from learned_hash h left join deployment d on d.id = h.deployment_id
      where h.organization_id = ${organization} and h.service_id = ${service}
      order by h.used_at desc, h.learned_at desc, h.lock`
    return rows.map(
      ({ learned_at, used_at, ...known }): KnownHash => ({
        ...known,
        learnedAt: learned_at.toISOString(),
        usedAt: used_at.toISOString(),
      }),
    )
  })

/** The next build with that lock file learns it anew. Gives what was known. */
export const deleteLearned = (organization: OrganizationId, service: ServiceId, lock: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<LearnedHash>`delete from learned_hash
      where organization_id = ${organization} and service_id = ${service} and lock = ${lock}
      returning kind, subject, lock, hash`,
  )
