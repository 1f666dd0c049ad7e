import type { DeploymentId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Every instance that the deployment shall have is healthy, on a worker that answers. */
export const healthyNow = (id: DeploymentId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ healthy: boolean }>`
        select count(distinct p.slot) >= d.replicas as healthy
        from deployment d left join (placement p join instance i on i.placement_id = p.id and i.healthy
          join worker w on w.id = i.worker_id and w.heard) on p.deployment_id = d.id
        where d.id = ${id} group by d.replicas`,
      (rows) => rows[0]?.healthy ?? false,
    ),
  )
