import { PgClient } from "@effect/sql-pg"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { BuildId, OrganizationId, WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Place, RunningBuild, Slots, WaitingBuild } from "../domain/builds.ts"

/** Builders of before do not say how many builds they run at once. */
const slotsOfBefore = 2
/** A platform that starts again finds its builders still at work. */
const lostAfterSeconds = 30
/** Of one organization, so that none is hidden behind another's long line. */
const seenPerOrganization = 50

/** For the rest of the transaction: of several platforms one deals builds out at a time. */
export const lockQueue = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`select pg_advisory_xact_lock(hashtext('skypanel.build-queue'))`,
)

/**
 * Only builds that still shall be; the oldest of each organization, the oldest first. Who is warm for each costs a look-up,
 * so only where that is asked. An agent from before images were known would drop its connection over one, and one from
 * before overrides or submodules would build without them: they are known by what they do not say.
 */
export const waitingBuilds = (whoIsWarm: boolean) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<WaitingBuild>`
    select b.id, b.organization_id as organization, b.lost_workers as lost, case when ${whoIsWarm} then (
        select before.worker_id from build before join deployment earlier on earlier.id = before.deployment_id
        where earlier.service_id = b.service_id and before.worker_id is not null and before.id <> b.id
        order by earlier.number desc limit 1) end as warm,
      case when b.source ->> '_tag' = 'image' then array(select id from worker
        where takes_new and 'builder' = any (roles) and hello ? 'checkSlots')
      when b.source ?| array['overrides', 'submodules', 'lfs'] then array(select id from worker
        where takes_new and 'builder' = any (roles) and (not b.source ? 'overrides' or hello ? 'takesOverrides')
          and coalesce(hello -> 'gitParts', '[]') ?& array_remove(array[
            case when b.source ->> 'submodules' = 'true' then 'submodules' end,
            case when b.source ->> 'lfs' = 'true' then 'lfs' end], null)) end as able
    from (select distinct organization_id from build where finished_at is null and worker_id is null) waiting
    cross join lateral (select b.*, d.service_id, coalesce(d.source, b.part_source) as source from build b left join deployment d on d.id = b.deployment_id
      where b.organization_id = waiting.organization_id
        and b.finished_at is null and b.worker_id is null and not b.canceled and d.cancel_reason is null
      order by b.created_at, b.id limit ${seenPerOrganization}) b
    order by b.created_at, b.id`,
  )

/** A canceled build takes its slot until its builder says that it has ended. */
export const runningBuilds = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<RunningBuild>`select organization_id as organization, worker_id as builder
    from build where finished_at is null and worker_id is not null`,
)

export const buildersNow = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Slots & { readonly id: WorkerId }>`
    select id, coalesce((hello ->> 'buildSlots')::int, ${slotsOfBefore}) as slots
    from worker where takes_new and 'builder' = any (roles) order by id`,
)

/** Of the organizations that have something waiting, the one that was served longest ago first. */
export const lastServed = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ organization: OrganizationId }>`select waiting.organization_id as organization
      from (select distinct organization_id from build where finished_at is null and worker_id is null) waiting
      join build_turn served on served.organization_id = waiting.organization_id
      order by served.served_at, waiting.organization_id`,
    (rows) => rows.map(({ organization }) => organization),
  ),
)

export const giveBuild = (build: string, builder: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`with given as (
        update build set worker_id = ${builder}, assigned_at = clock_timestamp(), log_seq = 0, phases = '{}',
          queue_position = null, queue_reason = null
        where id = ${build} and finished_at is null and worker_id is null returning organization_id, assigned_at)
      insert into build_turn select organization_id, assigned_at from given
      on conflict (organization_id) do update set served_at = excluded.served_at`,
  )

/** In one statement: with each build that is dealt out all the places behind it change. */
export const tellPlaces = (places: ReadonlyArray<Place>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update build b set queue_position = p.position, queue_reason = p.reason
      from jsonb_to_recordset(${pg.json(places)}::jsonb) as p (id text, position integer, reason text)
      where b.id = p.id and (b.queue_position, b.queue_reason) is distinct from (p.position, p.reason)`
  })

/**
 * Builds whose builder is gone, or silent for long while another one is there that could take them. Its agent is what
 * counts: a worker is not silent while its proxy still answers, but stopped or unhealthy.
 */
export const lostBuilds = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ id: BuildId; worker_id: WorkerId; times: number; canceled: boolean }>`
    select b.id, b.worker_id, cardinality(b.lost_workers) as times, b.canceled
    from build b join worker w on w.id = b.worker_id
    where b.finished_at is null and (w.removed_at is not null
      or (least(w.silent_since, case when w.state in ('stopped', 'unhealthy') then w.state_since end)
          < now() - make_interval(secs => ${lostAfterSeconds})
        and exists (select from worker other where other.id <> w.id and other.takes_new
          and 'builder' = any (other.roles))))`,
)

/** It waits again, and remembers with whom it was lost; unless it ended meanwhile. */
export const takeBack = (build: BuildId, worker: WorkerId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update build set worker_id = null, phase = 'waiting',
        lost_workers = array_append(lost_workers, ${worker})
      where id = ${build} and worker_id = ${worker} and finished_at is null`,
  )

export const endBuild = (build: BuildId, failure: DeploymentFailure | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update build set phase = 'failed', finished_at = now(), queue_position = null, queue_reason = null,
        failure = ${failure === null ? null : pg.json(failure)}
      where id = ${build} and finished_at is null`
  })
