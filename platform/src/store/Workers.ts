import { createHash } from "node:crypto"
import { PgClient } from "@effect/sql-pg"
import type { ContainerObserved, Observed, Up } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import type { Capacity, Worker } from "@skypanel/contract/Worker"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newWorkerId } from "../domain/id.ts"
import type { WorkerRow } from "./rows.ts"

const hash = (token: string) => createHash("sha256").update(token).digest("hex")

/** The worker whose token this is, or null. */
export const workerOfToken = (token: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<WorkerRow>`select * from worker where token_hash = ${hash(token)}`,
      (rows) => rows[0] ?? null,
    ),
  )

/** Makes or finds the worker of that name and gives it a new token; the one before ends. */
export const registerWorker = (name: string, token: string, development: boolean) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`insert into worker (id, name, token_hash, development)
        values (${newWorkerId()}, ${name}, ${hash(token)}, ${development})
        on conflict (name) do update set token_hash = excluded.token_hash, development = excluded.development`,
  )

export const recordHello = (id: WorkerId, hello: Extract<Up, { _tag: "hello" }>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update worker set hello = ${pg.json(hello)},
        roles = array(select jsonb_array_elements_text(${pg.json(hello.roles)}::jsonb)),
        connected = true, stopped = false, last_heartbeat_at = now() where id = ${id}`
  })

export const recordDisconnect = (id: WorkerId, stopped: boolean) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update worker set connected = false, stopped = stopped or ${stopped} where id = ${id}`,
  )

/** At the platform's start nobody is connected yet. */
export const forgetConnections = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`update worker set connected = false where connected`,
)

/** Written at most every few seconds by its caller: a heartbeat is no news to anybody else. */
export const recordHeartbeat = (id: WorkerId, observed: Observed) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update worker set health = ${pg.json(observed.health)}, edge_error = ${observed.edgeError},
        observed_generation = ${observed.generation}, last_heartbeat_at = now() where id = ${id}`
  })

/** The worker's containers as it sees them now; the ones it no longer names are gone. */
export const recordContainers = (id: WorkerId, containers: ReadonlyArray<ContainerObserved>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`delete from instance where worker_id = ${id}
          and not (container_id = any (array(select jsonb_array_elements_text(${pg.json(containers.map((container) => container.containerId))}::jsonb))))`
        // A container of a deployment that is no more has no row to belong to; the reconciler removes it.
        for (const container of containers)
          yield* sql`insert into instance (container_id, organization_id, service_id, deployment_id, worker_id, observed, healthy)
            select ${container.containerId}, d.organization_id, d.service_id, d.id, ${id}, ${pg.json(container)}, ${container.healthy}
            from deployment d where d.id = ${container.deploymentId}
            on conflict (container_id) do update set observed = excluded.observed, healthy = excluded.healthy, updated_at = now()
            where instance.observed is distinct from excluded.observed and instance.worker_id = ${id}`
      }),
    )
  })

export const nextGeneration = (id: WorkerId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{
        generation: bigint
      }>`update worker set generation = generation + 1 where id = ${id} returning generation`,
      (rows) => Number(rows[0]?.generation ?? 0),
    ),
  )

export const knownCapacities = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ capacity: Capacity }>`select hello -> 'capacity' as capacity from worker
      where hello is not null and not stopped and 'services' = any (roles)`,
    (rows) => rows.map((row) => row.capacity),
  ),
)

export const builderPackageSet = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ package_set: Worker["packageSet"] }>`select hello -> 'packageSet' as package_set from worker
      where connected and 'builder' = any (roles) order by id limit 1`,
    (rows) => rows[0]?.package_set ?? null,
  ),
)

export const heartbeatMs = 5_000

const stateOf = (row: WorkerRow, now: number): Worker["state"] => {
  if (row.last_heartbeat_at === null) return "never-seen"
  if (row.stopped) return "stopped"
  return row.connected && now - row.last_heartbeat_at.getTime() < 3 * heartbeatMs ? "connected" : "silent"
}

export const listWorkers = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<WorkerRow & { instances: bigint; builds: bigint }>`
    select w.*, (select count(*) from instance i where i.worker_id = w.id) as instances,
      (select count(*) from build b where b.worker_id = w.id and b.finished_at is null) as builds
    from worker w order by w.name limit 1000`
  const now = Date.now()
  return rows.map(
    (row): Worker => ({
      id: row.id,
      name: row.name,
      development: row.development,
      roles: row.roles,
      state: stateOf(row, now),
      capacity: row.hello?.capacity ?? null,
      health: row.health,
      versions: row.hello?.versions ?? null,
      packageSet: row.hello?.packageSet ?? null,
      instances: Number(row.instances),
      builds: Number(row.builds),
      lastHeartbeatAt: row.last_heartbeat_at?.toISOString() ?? null,
      createdAt: row.created_at.toISOString(),
    }),
  )
})
