import type { AgentUpgrade } from "@skypanel/contract/Fleet"
import type { AgentUpgradeId, WorkerId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newAgentUpgradeId } from "../domain/id.ts"

export interface UpgradeRow {
  readonly id: AgentUpgradeId
  readonly version: string
  readonly sha256: string
  readonly state: AgentUpgrade["state"]
  readonly reason: string
  readonly started_by: string
  readonly started_at: Date
  readonly finished_at: Date | null
}

export type UpgradeStep = AgentUpgrade["workers"][number]["state"]

export interface UpgradeWorkerRow {
  readonly upgrade_id: AgentUpgradeId
  readonly worker_id: WorkerId
  readonly name: string
  readonly state: UpgradeStep
  readonly from_version: string | null
  readonly detail: string
  readonly seconds: number | null
}

export const insertUpgrade = (version: string, sha256: string, startedBy: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const id = newAgentUpgradeId()
    yield* sql`insert into agent_upgrade (id, version, sha256, started_by) values (${id}, ${version}, ${sha256}, ${startedBy})`
    yield* sql`
      insert into agent_upgrade_worker (upgrade_id, worker_id, position, from_version)
      select ${id}, w.id, row_number() over (order by w.name), w.hello -> 'versions' ->> 'agent'
      from worker w where w.removed_at is null`
    return id
  })

export const runningUpgrade = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql<UpgradeRow>`select * from agent_upgrade where state = 'running'`, (rows) => rows[0] ?? null),
)

export const upgradeWorkers = (id: AgentUpgradeId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<UpgradeWorkerRow>`
      select u.*, w.name, extract(epoch from now() - u.started_at)::float8 as seconds
      from agent_upgrade_worker u join worker w on w.id = u.worker_id
      where u.upgrade_id = ${id} order by u.position`,
  )

export const setUpgradeStep = (id: AgentUpgradeId, worker: WorkerId, state: UpgradeStep, detail: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update agent_upgrade_worker set state = ${state}, detail = ${detail},
        started_at = case when ${state} = 'upgrading' then now() else started_at end
      where upgrade_id = ${id} and worker_id = ${worker}`,
  )

/** Which version shall run on a worker; null: the one that does. */
export const setDesiredAgent = (worker: WorkerId, version: string | null, sha256: string | null) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`update worker set desired_agent = ${
        version === null
          ? null
          : sql`jsonb_build_object('version', ${version}::text, 'sha256', ${sha256}::text)`
      } where id = ${worker}`,
  )

export const finishUpgrade = (id: AgentUpgradeId, state: AgentUpgrade["state"], reason: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update agent_upgrade set state = ${state}, reason = ${reason}, finished_at = now()
      where id = ${id} and state = 'running'`,
  )

/** The newest, as people see it. */
export const latestUpgrade = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<UpgradeRow>`select * from agent_upgrade order by started_at desc limit 1`
  if (row === undefined) return null
  const workers = yield* upgradeWorkers(row.id)
  return {
    id: row.id,
    version: row.version,
    state: row.state,
    reason: row.reason,
    startedBy: row.started_by,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    workers: workers.map((worker) => ({
      worker: worker.name,
      state: worker.state,
      from: worker.from_version,
      detail: worker.detail,
    })),
  } satisfies AgentUpgrade
})

/** Workers whose agent the platform brings, and that run another version than this. */
export const outdatedWorkers = (version: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: WorkerId }>`select id from worker where removed_at is null
        and hello ->> 'origin' = 'bundle' and hello -> 'versions' ->> 'agent' <> ${version} order by name limit 1000`,
      (rows) => rows.map(({ id }) => id),
    ),
  )
