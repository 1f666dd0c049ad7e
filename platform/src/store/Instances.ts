import { PgClient } from "@effect/sql-pg"
import type { ContainerObserved } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * The worker's containers as it sees them now; the ones it no longer names are gone. It speaks for its own placements
 * only. One statement: a whole fleet that is back after a restart says this at once.
 */
export const recordContainers = (id: WorkerId, containers: ReadonlyArray<ContainerObserved>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`
      with given as materialized (
        select c, c ->> 'containerId' as container_id, c ->> 'placementId' as placement_id, c ->> 'state' as state
        from jsonb_array_elements(${pg.json(containers)}::jsonb) as c
      ), removed as (
        delete from instance i where i.worker_id = ${id}
          and not exists (select from given g where g.container_id = i.container_id)
      ), gone as (
        update placement set gone = true where worker_id = ${id} and state = 'ended' and not gone
          and not exists (select from given g where g.placement_id = placement.id and g.state <> 'exited')
      )
      -- A container of a placement that is no more has no row to belong to; the reconciler removes it.
      insert into instance (container_id, organization_id, service_id, deployment_id, placement_id, worker_id, observed, healthy)
      select g.container_id, p.organization_id, p.service_id, p.deployment_id, p.id, p.worker_id, g.c,
        (g.c ->> 'healthy')::boolean
      from given g join placement p on p.id = g.placement_id and p.worker_id = ${id}
      on conflict (container_id) do update set observed = excluded.observed, healthy = excluded.healthy, updated_at = now()
      where instance.observed is distinct from excluded.observed and instance.worker_id = excluded.worker_id`
  })
