import { PgClient } from "@effect/sql-pg"
import type { Hello } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import type { Capacity, Worker, WorkerRole } from "@skypanel/contract/Worker"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Judgement } from "../domain/workers/judge.ts"
import type { WorkerReportRow, WorkerRow } from "./rows.ts"

/** A worker with what it reported last. */
export interface WorkerWithReport extends WorkerRow {
  readonly report: Pick<WorkerReportRow, "problems" | "unreachable_peers" | "health"> | null
  readonly last_heartbeat_at: Date | null
  /** Placements of which it may still have a container. */
  readonly placements: bigint
}

/** Every worker that was not removed; or only these. */
export const loadWorkers = (only: ReadonlyArray<WorkerId> | null) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<WorkerWithReport>`
      select w.*, to_jsonb(r) as report, r.last_heartbeat_at,
        (select count(*) from placement p where p.worker_id = w.id and not p.gone) as placements
      from worker w left join worker_report r on r.worker_id = w.id
      where w.removed_at is null and ${only === null ? sql`true` : sql.in("w.id", only)}`,
  )

/** By its name: the one that is there, else the newest of that name that was removed. */
export const findWorker = (name: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<WorkerRow>`select * from worker where name = ${name} order by removed_at desc nulls first limit 1`,
      (rows) => rows[0] ?? null,
    ),
  )

/** What it says that it is. Of the roles that it has, those count that its installation gave it. */
export const recordHello = (id: WorkerId, hello: Hello) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    // Nearly always what it said before: a row that is not written is no news for anybody.
    yield* sql`
      with said as (
        select array(select r.role from jsonb_array_elements_text(${pg.json(hello.roles)}::jsonb) as r(role)
                     where r.role = any (granted_roles)) as roles
        from worker where id = ${id}
      )
      update worker set hello = ${pg.json(hello)}, goodbye = null, roles = said.roles from said
      where id = ${id} and (hello is distinct from ${pg.json(hello)}::jsonb or goodbye is not null
        or worker.roles is distinct from said.roles)`
  })

export const recordGoodbye = (id: WorkerId, why: NonNullable<WorkerRow["goodbye"]>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`update worker set goodbye = ${why} where id = ${id}`)

/** Writes what the judge found; `lost` starts or ends the time that it is silent. */
export const recordJudgement = (id: WorkerId, { state, reason, takesNew, getsTraffic, lost }: Judgement) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update worker set
        state_since = case when state = ${state} then state_since else now() end,
        state = ${state}, state_reason = ${reason}, takes_new = ${takesNew}, gets_traffic = ${getsTraffic},
        silent_since = ${lost ? sql`coalesce(silent_since, now())` : sql`null`},
        move_services = move_services and ${lost}
      where id = ${id}`,
  )

export const quarantine = (id: WorkerId, minutes: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`update worker set quarantined_until = now() + make_interval(mins => ${minutes}) where id = ${id}`,
  )

/** The number that each one's next desired state is sent under. */
export const nextGenerations = (workers: ReadonlyArray<WorkerId>) =>
  Effect.gen(function* () {
    if (workers.length === 0) return new Map<WorkerId, number>()
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ worker_id: WorkerId; generation: bigint }>`
      insert into worker_report (worker_id, generation) select id, 1 from worker where ${sql.in("id", workers)}
      order by id
      on conflict (worker_id) do update set generation = worker_report.generation + 1
      returning worker_id, generation`
    return new Map(rows.map(({ worker_id, generation }) => [worker_id, Number(generation)]))
  })

export const knownCapacities = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ capacity: Capacity }>`select hello -> 'capacity' as capacity from worker
      where hello is not null and removed_at is null and availability = 'active' and 'services' = any (roles)`,
    (rows) => rows.map((row) => row.capacity),
  ),
)

export const builderPackageSet = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ package_set: Worker["packageSet"] }>`select hello -> 'packageSet' as package_set from worker
      where takes_new and 'builder' = any (roles) order by id limit 1`,
    (rows) => rows[0]?.package_set ?? null,
  ),
)

/** Of workers that were not removed, with these roles. */
export const countWorkers = (role: WorkerRole) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{
        count: bigint
      }>`select count(*) as count from worker where removed_at is null and ${role} = any (roles)`,
      (rows) => Number(rows[0]?.count ?? 0),
    ),
  )
