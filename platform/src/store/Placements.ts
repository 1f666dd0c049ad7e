import type { DeploymentId, OrganizationId, PlacementId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import type { Resources } from "@skypanel/contract/Resources"
import type { Volume } from "@skypanel/contract/Volume"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newPlacementId } from "../domain/id.ts"
import type { Candidate } from "../domain/workers/choosePlacement.ts"
import type { PlacementReason } from "../domain/workers/moves.ts"
import type { PlacementRow, WorkerRow } from "./rows.ts"

/** Placements are chosen one after the other: two that do not see each other could promise the same memory twice. */
export const lockPlacing = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`select pg_advisory_xact_lock(hashtext('skypanel.placing'))`,
)

interface CandidateRow {
  readonly id: WorkerId
  readonly hello: WorkerRow["hello"]
  readonly reserved: string
  readonly placements: bigint
  readonly of_service: bigint
}

/** The workers that take services now, with what is promised of them. */
export const candidatesFor = (service: ServiceId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<CandidateRow>`
        select w.id, w.hello, coalesce(sum((d.resources ->> 'memoryBytes')::numeric), 0) as reserved,
          count(p.id) as placements, count(p.id) filter (where p.service_id = ${service}) as of_service
        from worker w
        left join placement p on p.worker_id = w.id and p.state <> 'ended'
        left join deployment d on d.id = p.deployment_id
        where w.takes_new and 'services' = any (w.roles)
        group by w.id`,
      (rows) =>
        rows.flatMap(({ id, hello, reserved, placements, of_service }): ReadonlyArray<Candidate> => {
          if (hello === null) return []
          const { capacity, limits } = hello
          return [
            {
              id,
              capacity: {
                cpu: Math.min(capacity.cpu, limits.cpu ?? capacity.cpu),
                memoryBytes: Math.min(capacity.memoryBytes, limits.memoryBytes ?? capacity.memoryBytes),
                diskBytes: capacity.diskBytes,
              },
              reservedBytes: Number(reserved),
              placements: Number(placements),
              ofService: Number(of_service),
            },
          ]
        }),
    ),
  )

export interface NewPlacement {
  readonly organizationId: OrganizationId
  readonly serviceId: ServiceId
  readonly deploymentId: DeploymentId
  readonly slot: number
  readonly workerId: WorkerId
  readonly reason: PlacementReason
  readonly replaces: PlacementId | null
}

export const insertPlacement = (of: NewPlacement) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<PlacementRow>`insert into placement ${sql.insert({
        id: newPlacementId(),
        organization_id: of.organizationId,
        service_id: of.serviceId,
        deployment_id: of.deploymentId,
        slot: of.slot,
        worker_id: of.workerId,
        reason: of.reason,
        replaces: of.replaces,
      } as never)} returning *`,
      (rows) => rows[0]!,
    ),
  )

/** Those of a deployment that are neither on their way out nor over. */
export const activePlacements = (deployment: DeploymentId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<PlacementRow>`select * from placement
      where deployment_id = ${deployment} and state in ('starting', 'serving') order by slot, id`,
  )

export const servePlacement = (id: PlacementId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update placement set state = 'serving', healthy_at = coalesce(healthy_at, now())
      where id = ${id} and state = 'starting'`,
  )

/** It gets no more requests, and ends when those that it has are answered. */
export const leavePlacement = (id: PlacementId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update placement set state = 'leaving', leaving_at = now()
      where id = ${id} and state in ('starting', 'serving')`,
  )

/** Whether it was ever healthy counts: moves that fail are not tried again at once. */
export const endPlacement = (id: PlacementId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (
      sql,
    ) => sql`update placement set state = 'ended', ended_at = now(), leaving_at = coalesce(leaving_at, now()),
        -- A worker that is none any more will not say that it is gone.
        gone = exists (select from worker w where w.id = worker_id and w.removed_at is not null)
      where id = ${id} and state <> 'ended'`,
  )

/** A slot of a deployment with everything that decides about it. */
export interface SlotRow {
  readonly organization_id: OrganizationId
  readonly service_id: ServiceId
  readonly service: string
  readonly organization: string
  readonly deployment_id: DeploymentId
  readonly slot: number
  readonly volume: Volume | null
  readonly resources: Resources
  readonly live: boolean
  readonly yields: boolean
  readonly placements: ReadonlyArray<{
    readonly id: PlacementId
    readonly worker_id: WorkerId
    readonly state: PlacementRow["state"]
    readonly reason: PlacementReason
    readonly replaces: PlacementId | null
    readonly healthy: boolean
    readonly age_seconds: number
    readonly ended_seconds: number | null
    readonly was_healthy: boolean
    readonly gone: boolean
  }> | null
}

/** Deployments about whose placements something is known to go on. */
const restless = (sql: SqlClient.SqlClient) => sql`
  select deployment_id from placement where state in ('starting', 'leaving')
  union select deployment_id from placement where ended_at > now() - interval '10 minutes'
  union select p.deployment_id from worker w join placement p on p.worker_id = w.id
    where p.state = 'serving' and (w.availability <> 'active' or w.silent_since is not null)`

/** They are few, which the planner does not know: each is looked up, no table is read for them. */
const restlessOnes = (sql: SqlClient.SqlClient) => sql`restless r
  cross join lateral (select * from deployment where id = r.deployment_id limit 1) d
  cross join lateral (select * from service where id = d.service_id limit 1) s`

/**
 * The slots that something may have to be done about: with a placement that is starting, or on a worker that is leaving
 * or silent; and those of deployments that serve which have none. `everywhere` also looks where nothing is known to go
 * on: that reads every service, and is for now and then.
 */
export const slotsToLookAt = (everywhere: boolean) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<SlotRow>`
    with ${everywhere ? sql`wanted as (` : sql`restless as materialized (${restless(sql)}), wanted as (`}
      select d.id, d.organization_id, d.service_id, d.volume, d.resources, d.replicas,
        s.name as service, s.organization_slug as organization, d.id = s.live_deployment_id as live,
        s.volume is not null and exists (
          select from deployment newer where newer.service_id = s.id and newer.number > d.number
            and newer.finished_at is null and newer.status in ('rolling-out', 'verifying')) as yields
      from ${everywhere ? sql`deployment d join service s on s.id = d.service_id` : restlessOnes(sql)}
      where s.wish = 'running' and (d.id = s.live_deployment_id or d.status in ('rolling-out', 'verifying'))
    ), slot as (
      select w.*, n.slot from wanted w cross join lateral generate_series(0, w.replicas - 1) as n(slot)
    )
    select slot.organization_id, slot.service_id, slot.service, slot.organization, slot.id as deployment_id,
      slot.slot, slot.volume, slot.resources, slot.live, slot.yields, p.placements
    from slot
    left join lateral (
      select jsonb_agg(jsonb_build_object('id', p.id, 'worker_id', p.worker_id, 'state', p.state,
          'reason', p.reason, 'replaces', p.replaces, 'gone', p.gone, 'was_healthy', p.healthy_at is not null,
          'age_seconds', extract(epoch from now() - p.created_at),
          'ended_seconds', extract(epoch from now() - p.ended_at),
          'healthy', w.heard and exists (
            select from instance i where i.placement_id = p.id and i.healthy)) order by p.created_at) as placements,
        bool_or(p.state in ('starting', 'serving')) as any_active,
        bool_or(p.state = 'starting' or (p.state = 'serving' and
          (w.availability <> 'active' or w.silent_since is not null or w.removed_at is not null))) as restless
      from placement p join worker w on w.id = p.worker_id
      where p.deployment_id = slot.id and p.slot = slot.slot
        and (p.state <> 'ended' or not p.gone or p.ended_at > now() - interval '10 minutes')
    ) p on true
    where (p.restless or (slot.live and p.any_active is not true))
      and (slot.live or p.any_active)
    order by slot.id, slot.slot limit 1000`,
  )

/** Those that got no more requests for `seconds`, and those whose deployment nobody wants any more. */
export const placementsToEnd = (seconds: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<PlacementRow>`select * from placement
      where state = 'leaving' and leaving_at < now() - make_interval(secs => ${seconds})`,
  )

/**
 * Placements of deployments that nobody wants leave: stopped, deleted, failed, or replaced by one that is live. Of these
 * services; null: of all, which reads every placement.
 */
export const leaveUnwanted = (services: ReadonlySet<ServiceId> | null) =>
  Effect.gen(function* () {
    if (services?.size === 0) return
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      update placement p set state = 'leaving', leaving_at = now()
      from deployment d join service s on s.id = d.service_id
      where p.deployment_id = d.id and p.state in ('starting', 'serving')
        and ${services === null ? sql`true` : sql.in("s.id", [...services])} and not (
        s.wish = 'running' and (
          d.id = s.live_deployment_id or d.finished_at is null
          or exists (select from deployment next where next.id = s.live_deployment_id
                     and next.previous_deployment_id = d.id and next.finished_at is null)))`
  })

/** What workers shall not run any more, and have not yet said to be gone: of each no more than fit in one message. */
export const endedOn = (workers: ReadonlyArray<WorkerId>) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ worker_id: WorkerId; id: PlacementId }>`
      select w.id as worker_id, p.id from worker w, lateral (
        select id from placement where worker_id = w.id and state = 'ended' and not gone order by id limit 5000) p
      where ${sql.in("w.id", workers)}`,
  )

/** Those that ended so long ago that no decision looks at them any more. */
export const prunePlacements = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`delete from placement where state = 'ended' and gone and ended_at < now() - interval '7 days'`,
)
