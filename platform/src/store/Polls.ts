import type { BuildObserved } from "@skypanel/contract/AgentProtocol"
import type { OrganizationId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { newBuildId } from "../domain/id.ts"
import type { ServiceRow } from "./rows.ts"

/** Null: it is not polled any more. What was answered before stays. */
export const setPoll = (service: ServiceRow, minutes: number | null) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    minutes === null
      ? sql`delete from poll where service_id = ${service.id} and organization_id = ${service.organization_id}`
      : sql`insert into poll (service_id, organization_id, minutes)
          values (${service.id}, ${service.organization_id}, ${minutes})
          on conflict (service_id) do update set minutes = excluded.minutes`,
  )

interface Due {
  readonly service_id: ServiceId
  readonly asked_id: string | null
}

/** A builder that does not answer is given up after so long, and another one is asked. */
const patience = "5 minutes"
const atATime = 20

/** Those whose time has come, of services that run. */
const duePolls = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Due>`
    select p.service_id, p.asked_id from poll p join service s on s.id = p.service_id
    where s.wish = 'running' and s.source ->> '_tag' = 'git' and case when p.asked_id is null
      then p.answered_at is null or p.answered_at < now() - make_interval(mins => p.minutes)
      else p.asked_at < now() - ${patience}::interval end
    order by p.answered_at nulls first limit ${atATime}`,
)

/** Asks the connected builder that has the fewest questions. Several platforms may be about to: one of them does. */
export const askDuePolls = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const { service_id, asked_id } of yield* duePolls)
    yield* sql`update poll set asked_id = ${newBuildId()}, worker_id = chosen.id, asked_at = now()
      from (select w.id from worker w where w.takes_new and 'builder' = any (w.roles)
        order by (select count(*) from poll o where o.worker_id = w.id and o.asked_id is not null), w.id limit 1) chosen
      where poll.service_id = ${service_id} and poll.asked_id is not distinct from ${asked_id}`
})

/** Only the worker that was asked may answer. */
export const recordPoll = (worker: WorkerId, { id, phase, revision, failure }: BuildObserved) =>
  Effect.gen(function* () {
    if (phase !== "succeeded" && phase !== "failed") return
    const sql = yield* SqlClient.SqlClient
    // What a failed one stood at before is still what is known.
    yield* sql`update poll set asked_id = null, answered_at = now(), problem = ${failure?.title ?? null},
        revision = coalesce(${revision ?? null}, revision)
      where asked_id = ${id} and worker_id = ${worker}`
  })

export interface Answered {
  readonly service_id: ServiceId
  readonly organization_id: OrganizationId
  readonly revision: string
}

/** The newest of a service's deployments that built: which commit, where that is known yet. */
const newestOf = (sql: SqlClient.SqlClient, its: Statement.Fragment) => sql`
  select coalesce(d.pinned_revision, b.result ->> 'revision') as revision, d.finished_at is not null as finished
  from deployment d left join build b on b.deployment_id = d.id
  where ${its} and d.trigger in ('deploy', 'redeploy', 'push')
  order by d.number desc limit 1`

/**
 * Those that stand at another commit than the one that was dealt with. A service that does not run, or whose newest
 * deployment may be of this commit for all that is known, keeps no others waiting; nor does one whose turn it was.
 */
export const newRevisions = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Answered>`select p.service_id, p.organization_id, p.revision
    from poll p join service s on s.id = p.service_id
    left join lateral (${newestOf(sql, sql`d.service_id = s.id`)}) newest on true
    where p.revision is not null and p.revision is distinct from p.taken_revision
      and s.wish = 'running' and s.source ->> '_tag' = 'git'
      and (newest.revision is null and not newest.finished) is not true
    order by p.answered_at limit 100`,
)

export const takeRevision = ({ service_id, organization_id, revision }: Answered) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update poll set taken_revision = ${revision}
      where service_id = ${service_id} and organization_id = ${organization_id}`,
  )

export const newestBuilt = (service: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const its = sql`d.service_id = ${service.id} and d.organization_id = ${service.organization_id}`
    const rows = yield* sql<{
      readonly revision: string | null
      readonly finished: boolean
    }>`${newestOf(sql, its)}`
    return rows[0] ?? null
  })
