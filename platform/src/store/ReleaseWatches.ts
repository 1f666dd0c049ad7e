import { PgClient } from "@effect/sql-pg"
import type { DeploymentId, OrganizationId, ReleaseId, ServiceId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { nothingSeen, type Seen, type WatchedInstance } from "../domain/releases/watch.ts"

/** Deployments that bring something new, and so may have to be taken back. */
const watched = ["deploy", "redeploy", "push", "configuration"]

export interface WatchRow {
  readonly deployment_id: DeploymentId
  readonly organization_id: OrganizationId
  readonly service_id: ServiceId
  readonly return_release_id: ReleaseId
  readonly ends_at: Date
  readonly seen: Seen
}

/**
 * Begins to look after what a deployment brings live, where there is something healthy to go back to. Not where the
 * volume changes: a release before would not find the data that the new one wrote. Nor where what is there turned bad
 * itself: a return from it that failed leaves it live.
 */
export const watchRelease = (id: DeploymentId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`insert into release_watch
        (deployment_id, organization_id, service_id, return_release_id, ends_at, seen)
      select d.id, d.organization_id, d.service_id, before.release_id,
        now() + make_interval(secs => s.watch_seconds), ${pg.json(nothingSeen)}::jsonb
      from deployment d join deployment before on before.id = d.previous_deployment_id
        join service s on s.id = d.service_id
      where d.id = ${id} and d.finished_at is null and d.took_over_from_healthy and ${sql.in("d.trigger", watched)}
        and s.watch_seconds > 0 and before.status = 'live' and before.returned_reason is null
        and before.release_id <> d.release_id
        and before.volume is not distinct from d.volume
      on conflict do nothing`
  })

/** Those that were not looked at for so long. */
export const watchesDue = (afterMs: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ deployment_id: DeploymentId }>`select deployment_id from release_watch
      where looked_at is null or looked_at <= clock_timestamp() - make_interval(secs => ${afterMs / 1000}::float8)
      order by looked_at nulls first limit 500`,
  )

/**
 * With its service, for the rest of the transaction; null when it is gone, or when another one has either or has just
 * looked. It waits for nobody: who changes or deletes a service locks that first, and its watches then.
 */
export const lockWatch = (id: DeploymentId, afterMs: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<WatchRow>`select w.* from release_watch w join service s on s.id = w.service_id
        where w.deployment_id = ${id} and (w.looked_at is null
          or w.looked_at <= clock_timestamp() - make_interval(secs => ${afterMs / 1000}::float8))
        for update skip locked`,
      (rows) => rows[0] ?? null,
    ),
  )

/** What workers that are well say of it. Of the others nobody knows whether they or the release are what is bad. */
export const watchedInstances = (id: DeploymentId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<WatchedInstance>`
      select p.slot, p.id as "placementId", i.container_id as "containerId", i.observed ->> 'state' as state,
        i.healthy, (i.observed ->> 'exitCode')::int as "exitCode", i.observed ->> 'probe' as probe
      from instance i join placement p on p.id = i.placement_id join worker w on w.id = i.worker_id
      where i.deployment_id = ${id} and p.state in ('starting', 'serving')
        and w.heard and w.state in ('active', 'draining')`,
  )

export const saveSeen = (id: DeploymentId, seen: Seen) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update release_watch set seen = ${pg.json(seen)}, looked_at = clock_timestamp()
      where deployment_id = ${id}`
  })

export const endWatch = (id: DeploymentId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`delete from release_watch where deployment_id = ${id}`)
