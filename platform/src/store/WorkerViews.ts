import type { WorkerId } from "@skypanel/contract/Id"
import type { Drain, Worker, WorkerInstance } from "@skypanel/contract/Worker"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { WorkerReportRow, WorkerRow } from "./rows.ts"

interface ViewRow extends WorkerRow {
  readonly health: WorkerReportRow["health"]
  readonly last_heartbeat_at: Date | null
  readonly reserved_cpu: string
  readonly reserved_memory: string
  readonly placements: bigint
  readonly instances: bigint
  readonly builds: bigint
  readonly alerts: ReadonlyArray<Worker["alerts"][number]> | null
}

const listMost = 1_000

const drainOf = (row: ViewRow, stuck: Drain["stuck"]): Drain | null =>
  row.drain_started_at === null || row.drain_deadline_at === null
    ? null
    : {
        startedAt: row.drain_started_at.toISOString(),
        deadlineAt: row.drain_deadline_at.toISOString(),
        startedBy: row.drain_by ?? "",
        total: row.drain_total,
        left: Number(row.placements),
        stuck,
      }

const toWorker = (row: ViewRow, stuck: Drain["stuck"]): Worker => ({
  id: row.id,
  name: row.name,
  development: row.development,
  roles: row.roles,
  labels: row.labels,
  region: row.region,
  state: row.state,
  reason: row.state_reason,
  stateSince: row.state_since.toISOString(),
  availability: row.availability,
  takesNew: row.takes_new,
  drain: drainOf(row, stuck),
  quarantinedUntil:
    row.quarantined_until !== null && row.quarantined_until.getTime() > Date.now()
      ? row.quarantined_until.toISOString()
      : null,
  capacity: row.hello?.capacity ?? null,
  reserved: { cpu: Number(row.reserved_cpu), memoryBytes: Number(row.reserved_memory) },
  health: row.health,
  versions: row.hello?.versions ?? null,
  origin: row.hello?.origin ?? null,
  packageSet: row.hello?.packageSet ?? null,
  address: row.hello?.endpointAddress ?? null,
  instances: Number(row.instances),
  builds: Number(row.builds),
  alerts: row.alerts ?? [],
  lastHeartbeatAt: row.last_heartbeat_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
})

const like = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`

const select = (sql: SqlClient.SqlClient, where: ReturnType<SqlClient.SqlClient["and"]>) => sql<ViewRow>`
  select w.*, r.health, r.last_heartbeat_at, p.placements, p.reserved_cpu, p.reserved_memory,
    (select count(*) from instance i where i.worker_id = w.id) as instances,
    (select count(*) from build b where b.worker_id = w.id and b.finished_at is null) as builds,
    (select jsonb_agg(a.kind order by a.kind) from alert a where a.worker_id = w.id and a.ended_at is null) as alerts
  from worker w
  left join worker_report r on r.worker_id = w.id
  left join lateral (
    select count(*) as placements,
      coalesce(sum((d.resources ->> 'cpu')::numeric) filter (where p.state <> 'ended'), 0) as reserved_cpu,
      coalesce(sum((d.resources ->> 'memoryBytes')::numeric) filter (where p.state <> 'ended'), 0) as reserved_memory
    from placement p join deployment d on d.id = p.deployment_id
    where p.worker_id = w.id and not p.gone
  ) p on true
  where ${where}
  order by w.removed_at desc nulls first, w.name limit ${listMost}`

export type StuckOn = (worker: WorkerId) => Drain["stuck"]

/** By name; those that were removed are not among them. */
export const listWorkers = (search: string | undefined, stuckOn: StuckOn) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const found =
      search === undefined || search.trim() === ""
        ? sql`true`
        : sql`lower(concat_ws(' ', w.name, w.region, w.state, w.labels::text, array_to_string(w.roles, ' ')))
            like ${like(search.trim())}`
    const rows = yield* select(sql, sql.and([sql`w.removed_at is null`, found]))
    return rows.map((row) => toWorker(row, stuckOn(row.id)))
  })

/** The worker of that name, else the one of that name that was removed last; null when there never was one. */
export const viewWorker = (name: string, stuckOn: StuckOn) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* select(sql, sql.and([sql`w.name = ${name}`]))
    return row === undefined ? null : toWorker(row, stuckOn(row.id))
  })

interface InstanceViewRow {
  readonly placement_id: WorkerInstance["placementId"]
  readonly deployment_id: WorkerInstance["deploymentId"]
  readonly service_id: WorkerInstance["serviceId"]
  readonly organization_id: WorkerInstance["organizationId"]
  readonly organization: string
  readonly service: string
  readonly slot: number
  readonly state: WorkerInstance["state"]
  readonly healthy: boolean
  readonly probe: string | null
  readonly moves_to: string | null
  readonly created_at: Date
}

/** What is placed on a worker, also while no container of it is there yet. */
export const listWorkerInstances = (worker: WorkerId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<InstanceViewRow>`
      select p.id as placement_id, p.deployment_id, p.service_id, p.organization_id,
        s.organization_slug as organization, s.name as service, p.slot, p.state, p.created_at,
        coalesce(i.healthy and w.heard, false) as healthy, i.observed ->> 'probe' as probe, m.name as moves_to
      from placement p
      join service s on s.id = p.service_id
      join worker w on w.id = p.worker_id
      left join lateral (select i.* from instance i where i.placement_id = p.id order by i.updated_at desc limit 1) i on true
      left join placement next on next.replaces = p.id and next.state in ('starting', 'serving')
      left join worker m on m.id = next.worker_id
      where p.worker_id = ${worker} and p.state <> 'ended'
      order by s.organization_slug, s.name, p.slot, p.created_at limit 1000`
    return rows.map(
      (row): WorkerInstance => ({
        placementId: row.placement_id,
        deploymentId: row.deployment_id,
        serviceId: row.service_id,
        organizationId: row.organization_id,
        organization: row.organization,
        service: row.service,
        slot: row.slot,
        state: row.state,
        healthy: row.healthy,
        probe: row.probe ?? "not started yet",
        movesTo: row.moves_to,
        since: row.created_at.toISOString(),
      }),
    )
  })
