import { PgClient } from "@effect/sql-pg"
import type { ContainerObserved } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * The worker's containers as it sees them now; the ones it no longer names are gone. It speaks for its own placements
 * only.
 */
export const recordContainers = (id: WorkerId, containers: ReadonlyArray<ContainerObserved>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const json = pg.json(containers)
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`delete from instance i where i.worker_id = ${id} and not exists (
          select from jsonb_array_elements(${json}::jsonb) as c where c ->> 'containerId' = i.container_id)`
        // A container of a placement that is no more has no row to belong to; the reconciler removes it.
        yield* sql`
          insert into instance (container_id, organization_id, service_id, deployment_id, placement_id, worker_id, observed, healthy)
          select c ->> 'containerId', p.organization_id, p.service_id, p.deployment_id, p.id, p.worker_id, c,
            (c ->> 'healthy')::boolean
          from jsonb_array_elements(${json}::jsonb) as c
          join placement p on p.id = c ->> 'placementId' and p.worker_id = ${id}
          on conflict (container_id) do update set observed = excluded.observed, healthy = excluded.healthy, updated_at = now()
          where instance.observed is distinct from excluded.observed and instance.worker_id = excluded.worker_id`
        yield* sql`update placement set gone = true where worker_id = ${id} and state = 'ended' and not gone
          and not exists (select from jsonb_array_elements(${json}::jsonb) as c
                          where c ->> 'placementId' = placement.id and c ->> 'state' <> 'exited')`
      }),
    )
  })
