import { PgClient } from "@effect/sql-pg"
import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { ServiceId, WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newBuildId } from "../domain/id.ts"
import type { ServiceRow } from "./rows.ts"

/** Null: its repository is not polled any more. */
export const setPoll = (service: ServiceRow, minutes: number | null) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    minutes === null
      ? sql`delete from poll where service_id = ${service.id} and organization_id = ${service.organization_id}
          and kind = 'git'`
      : sql`insert into poll (service_id, organization_id, kind, minutes)
          values (${service.id}, ${service.organization_id}, 'git', ${minutes})
          on conflict (service_id, kind) do update set minutes = excluded.minutes`,
  )

/** A builder that does not answer is given up after so long, and another one is asked. */
const patience = "5 minutes"
/** By hand, a service's registry is asked once in so long. */
const handPause = "10 seconds"
const atATime = 20
/** Questions of one organization that are under way. */
const openMost = 10
/** So long nobody asks a registry that said that it is asked too often; each time in a row twice as long. */
const limitedFirst = "15 minutes"
const limitedLongest = "1 day"

/** Of `poll p`: whoever was asked will not answer. */
export const isLost = (sql: SqlClient.SqlClient) => sql`(p.asked_at < now() - ${patience}::interval
  or not exists (select from worker w where w.id = p.worker_id and w.takes_new))`

/** Of `poll p` and its `service s`: an answer is wanted. What names a digest has nothing to be asked. */
export const isWanted = (
  sql: SqlClient.SqlClient,
) => sql`(s.wish <> 'deleted' and s.source ->> '_tag' = p.kind
  and coalesce(s.source ->> 'reference', '') not like '%@%' and (p.wanted_at is not null
    or (s.wish = 'running' and p.action <> 'off' and p.minutes is not null
      and (p.answered_at is null or p.answered_at < now() - make_interval(mins => p.minutes)))))`

/** Of `worker w`. An agent from before images were known drops its connection over one. */
export const canAnswer = (sql: SqlClient.SqlClient, kind: "git" | "image") => sql`
  w.takes_new and 'builder' = any (w.roles) and (${kind} = 'git' or w.hello ? 'checkSlots')`

interface Due {
  readonly service_id: ServiceId
  readonly kind: "git" | "image"
  readonly asked_id: string | null
}

/** Those whose time has come, first those that somebody waits for. */
const duePolls = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Due>`
    select due.service_id, due.kind, due.asked_id from (
      select p.*, row_number() over (partition by p.organization_id, p.asked_id is null
          order by p.wanted_at nulls last, p.answered_at nulls first) as place,
        (select count(*) from poll o where o.organization_id = p.organization_id and o.asked_id is not null) as open
      from poll p join service s on s.id = p.service_id
      where ${isWanted(sql)} and case when p.asked_id is not null then ${isLost(sql)}
        else (p.wanted_at is null or p.answered_at is null or p.answered_at < now() - ${handPause}::interval)
          and not exists (select from poll l where l.organization_id = p.organization_id
            and l.registry = p.registry and l.limited_until > now()) end) due
    where due.asked_id is not null or due.place + due.open <= ${openMost}
    order by due.wanted_at nulls last, due.answered_at nulls first limit ${atATime}`,
)

/** Asks the connected builder that has the fewest questions. Several platforms may be about to: one of them does. */
export const askDuePolls = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const { service_id, kind, asked_id } of yield* duePolls)
    yield* sql`update poll set asked_id = ${newBuildId()}, worker_id = chosen.id, asked_at = now(),
        asked_of = chosen.source
      from (select w.id, s.source from worker w join service s on s.id = ${service_id} where ${canAnswer(sql, kind)}
        order by (select count(*) from poll o where o.worker_id = w.id and o.asked_id is not null), w.id limit 1) chosen
      where poll.service_id = ${service_id} and poll.kind = ${kind}
        and poll.asked_id is not distinct from ${asked_id}`
})

/** Only the worker that was asked may answer. What a failed one stood at before is still what is known. */
export const recordPoll = (worker: WorkerId, { id, phase, revision, failure }: BuildObserved) =>
  Effect.gen(function* () {
    if (phase !== "succeeded" && phase !== "failed") return
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const found = revision ?? null
    const limited = failure?.code === "registry-limited"
    const why = failure && {
      code: failure.code,
      title: failure.title,
      detail: failure.detail,
      next: failure.next,
    }
    yield* sql`update poll set asked_id = null, answered_at = now(), failure = ${why === null ? null : pg.json(why)},
        wanted_at = case when wanted_at > asked_at then wanted_at end,
        revision = coalesce(${found}, revision),
        revision_at = case when coalesce(${found}, revision) is distinct from revision then now() else revision_at end,
        limited_times = case when ${limited} then limited_times + 1 else 0 end,
        limited_until = case when ${limited} then now() + least(${limitedLongest}::interval,
          ${limitedFirst}::interval * power(2, least(limited_times, 10))) end
      where asked_id = ${id} and worker_id = ${worker}`
  })
