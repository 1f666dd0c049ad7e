import { PgClient } from "@effect/sql-pg"
import type { WorkerProblem } from "@skypanel/contract/AgentProtocol"
import type { ServiceId, WorkerId } from "@skypanel/contract/Id"
import type { Health, WorkerSample } from "@skypanel/contract/Worker"
import type { ImagesObserved } from "@skypanel/contract/WorkerImages"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What one heartbeat brought, as it is kept. */
export interface Report {
  readonly workerId: WorkerId
  readonly health: Health
  readonly problems: ReadonlyArray<WorkerProblem>
  readonly unreachablePeers: ReadonlyArray<WorkerId>
  readonly volumes: ReadonlyArray<ServiceId>
  readonly volumeOwners: Readonly<Record<string, number>>
  readonly commonImages: ReadonlyArray<string>
  /** Null: it does not say. */
  readonly images: ImagesObserved | null
  readonly edgeError: string | null
  readonly generation: number
  readonly instances: number
}

/** All that came since the last time, in one statement: the cost of a heartbeat is a row in it. */
export const recordReports = (reports: ReadonlyArray<Report>) =>
  Effect.gen(function* () {
    if (reports.length === 0) return
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`
      insert into worker_report (worker_id, health, problems, unreachable_peers, volumes, volume_owners, common_images,
        images, edge_error, observed_generation, last_heartbeat_at)
      select r ->> 'workerId', r -> 'health', r -> 'problems', r -> 'unreachablePeers', r -> 'volumes',
        r -> 'volumeOwners', r -> 'commonImages', nullif(r -> 'images', 'null'), r ->> 'edgeError', (r ->> 'generation')::bigint, now()
      from jsonb_array_elements(${pg.json(reports)}::jsonb) as r
      join worker w on w.id = r ->> 'workerId'
      on conflict (worker_id) do update set health = excluded.health, problems = excluded.problems,
        unreachable_peers = excluded.unreachable_peers, volumes = excluded.volumes,
        volume_owners = excluded.volume_owners, common_images = excluded.common_images,
        images = excluded.images, edge_error = excluded.edge_error,
        observed_generation = excluded.observed_generation, last_heartbeat_at = excluded.last_heartbeat_at`
  })

/** One sample of each worker, for its charts. */
export const recordSamples = (reports: ReadonlyArray<Report>) =>
  Effect.gen(function* () {
    if (reports.length === 0) return
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`
      insert into worker_sample (worker_id, at, cpu_percent, memory_used_bytes, disk_used_bytes, load1, instances)
      select r ->> 'workerId', date_trunc('minute', now()), (r -> 'health' ->> 'cpuPercent')::real,
        (r -> 'health' ->> 'memoryUsedBytes')::bigint, (r -> 'health' ->> 'diskUsedBytes')::bigint,
        (r -> 'health' ->> 'load1')::real, (r ->> 'instances')::smallint
      from jsonb_array_elements(${pg.json(reports)}::jsonb) as r
      join worker w on w.id = r ->> 'workerId'
      on conflict do nothing`
  })

/** One a minute is kept for three hours, one in ten minutes for a week. */
export const pruneSamples = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`delete from worker_sample where at < now() - interval '7 days'
    or (at < now() - interval '3 hours' and extract(minute from at)::int % 10 <> 0)`,
)

/** Of the last hours, oldest first. */
export const listSamples = (worker: WorkerId, hours: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{
      at: Date
      cpu_percent: number
      memory_used_bytes: bigint
      disk_used_bytes: bigint
      load1: number
      instances: number
    }>`select * from worker_sample where worker_id = ${worker} and at > now() - make_interval(hours => ${hours})
       order by at limit 2000`
    return rows.map(
      (row): WorkerSample => ({
        at: row.at.toISOString(),
        cpuPercent: row.cpu_percent,
        memoryUsedBytes: Number(row.memory_used_bytes),
        diskUsedBytes: Number(row.disk_used_bytes),
        load1: row.load1,
        instances: row.instances,
      }),
    )
  })
