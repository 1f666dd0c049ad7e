import type {
  BuildAssignment,
  Desired,
  DesiredAgent,
  DesiredPlacement,
  DesiredVolume,
  LogRequest,
} from "@skypanel/contract/AgentProtocol"
import { folderLimits } from "@skypanel/contract/folder/FolderEntry"
import type {
  BuildId,
  DeploymentId,
  OrganizationId,
  PlacementId,
  ServiceId,
  WorkerId,
} from "@skypanel/contract/Id"
import type { WorkerRole } from "@skypanel/contract/Worker"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { uploadToken } from "../domain/uploadToken.ts"
import { leaseSeconds } from "../domain/workers/moves.ts"
import { endedOn } from "../store/Placements.ts"
import type { AccessRow } from "../store/Repositories.ts"
import type { RoutesView } from "./routes.ts"
import { accessOf } from "./sourceAccess.ts"

const MiB = 1024 * 1024

/** What one build may use. Its memory bounds evaluation and build each. */
const buildLimits = {
  evaluationSeconds: 60,
  buildSeconds: 1800,
  memoryBytes: 4096 * MiB,
  logBytes: 32 * MiB,
  sourceBytes: folderLimits.bytes,
}

/** Everything but the number that it is sent under. */
export type DesiredState = Omit<Desired, "_tag" | "generation"> & Required<Pick<Desired, "clusterAddresses">>

interface BuildRow extends AccessRow {
  readonly worker_id: WorkerId
  readonly id: BuildId
  readonly service_name: string
  readonly pinned_revision: string | null
  readonly canceled: boolean
}

type Ids = ReadonlyArray<WorkerId>

const assignmentOf = (row: BuildRow, secret: string): BuildAssignment => ({
  id: row.id,
  organizationId: row.organization_id,
  serviceName: row.service_name,
  // What a push named, whatever the branch stands at now.
  source:
    row.source._tag === "git" && row.pinned_revision !== null
      ? { ...row.source, ref: row.pinned_revision }
      : row.source,
  ...(row.source._tag === "folder" && { folderPath: `/folders/${uploadToken(secret, row.id)}` }),
  // The fastest level: what is uploaded is read again at once, and the wire is short.
  uploadPath: `/cache/push/${uploadToken(secret, row.id)}?compression=zstd&compression-level=1`,
  limits: buildLimits,
  canceled: row.canceled,
})

const buildsOn = (workers: Ids) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { secret } = yield* PlatformConfig
    const rows = yield* sql<BuildRow>`
      select b.worker_id, b.id, b.organization_id, s.id as service_id, s.name as service_name, d.source,
        d.pinned_revision, b.canceled or d.cancel_reason is not null as canceled,
        c.kind as credential_kind, c.origin as credential_origin, c.username, c.sealed, c.sealing_key,
        (select jsonb_agg(h.line order by h.line) from host_key h
          where h.service_id = s.id and h.origin = c.origin) as known_hosts
      from build b join deployment d on d.id = b.deployment_id join service s on s.id = d.service_id
      left join credential c on c.service_id = s.id
      where ${sql.in("b.worker_id", workers)} and b.finished_at is null order by b.created_at`
    const keys = yield* sql<{ public_key: string }>`
      select public_key from signing_key where retired_at is null order by created_at desc`
    const cachePublicKeys = keys.map((key) => key.public_key)
    const assigned = yield* Effect.forEach(rows, (row) =>
      Effect.map(accessOf(row), (access) => ({
        worker_id: row.worker_id,
        assignment: { ...assignmentOf(row, Redacted.value(secret)), access, cachePublicKeys },
      })),
    )
    return byWorker(assigned, ({ assignment }) => assignment)
  })

interface PlacementRow {
  readonly worker_id: WorkerId
  readonly id: PlacementId
  readonly deployment_id: DeploymentId
  readonly service_id: ServiceId
  readonly organization_id: OrganizationId
  readonly port: number
  readonly health_path: string | null
  readonly leased: boolean
}

const placementOf = (row: PlacementRow): DesiredPlacement => ({
  placementId: row.id,
  deploymentId: row.deployment_id,
  serviceId: row.service_id,
  organizationId: row.organization_id,
  port: row.port,
  healthPath: row.health_path,
  leaseSeconds: row.leased ? leaseSeconds : null,
})

/** One that is leaving is not among them: it runs on, but gets no more requests. */
const placementsOn = (workers: Ids) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<PlacementRow>`
        select p.worker_id, p.id, p.deployment_id, p.service_id, p.organization_id, d.port, d.health_path,
          coalesce(d.volume ->> 'whenWorkerIsLost' = 'start-empty', false) as leased
        from placement p join deployment d on d.id = p.deployment_id
        where ${sql.in("p.worker_id", workers)} and not p.gone and p.state in ('starting', 'serving') order by p.id`,
      (rows) => byWorker(rows, placementOf),
    ),
  )

interface VolumeRow {
  readonly worker_id: WorkerId
  readonly id: ServiceId
  readonly size: string
}

const volumesOn = (workers: Ids) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<VolumeRow>`select volume_worker_id as worker_id, id, volume ->> 'sizeBytes' as size from service
        where ${sql.in("volume_worker_id", workers)} and volume is not null and wish <> 'deleted' order by id`,
      (rows) => byWorker(rows, ({ id, size }): DesiredVolume => ({ serviceId: id, sizeBytes: Number(size) })),
    ),
  )

const byWorker = <R extends { readonly worker_id: WorkerId }, A>(
  rows: ReadonlyArray<R>,
  of: (row: R) => A,
) => {
  const grouped = new Map<WorkerId, Array<A>>()
  for (const row of rows) {
    const those = grouped.get(row.worker_id)
    if (those === undefined) grouped.set(row.worker_id, [of(row)])
    else those.push(of(row))
  }
  return (worker: WorkerId): ReadonlyArray<A> => grouped.get(worker) ?? []
}

export interface DesiredFor {
  readonly id: WorkerId
  readonly roles: ReadonlyArray<WorkerRole>
  readonly agent: DesiredAgent | null
}

/** What they shall run, read from the tables for all of them at once: a large fleet is not asked worker by worker. */
export const readDesired = (workers: Ids) =>
  Effect.gen(function* () {
    const [builds, placements, ended, volumes] = yield* Effect.all([
      buildsOn(workers),
      placementsOn(workers),
      Effect.map(endedOn(workers), (rows) => byWorker(rows, ({ id }) => id)),
      volumesOn(workers),
    ])
    return { builds, placements, ended, volumes }
  })

export type DesiredTables = Effect.Success<ReturnType<typeof readDesired>>

/** Everything that a worker shall do: the one place that decides it. */
export const desiredState = (
  worker: DesiredFor,
  { builds, placements, ended, volumes }: DesiredTables,
  routes: RoutesView,
  logs: ReadonlyArray<LogRequest>,
) => {
  const own = placements(worker.id)
  const services = new Set(own.map(({ serviceId }) => serviceId))
  const isIngress = worker.roles.includes("ingress")
  const leased = own.some((placement) => placement.leaseSeconds !== null)
  return {
    builds: builds(worker.id),
    placements: own,
    ended: ended(worker.id),
    volumes: volumes(worker.id),
    routes: routes.routesFor(worker.id, isIngress ? null : services),
    peers: isIngress || leased ? routes.peersOf(worker.id) : [],
    peerSecret: routes.peerSecret,
    fleetAddresses: routes.fleetAddresses,
    // Who runs no services has no such ports.
    clusterAddresses: worker.roles.includes("services") ? routes.clusterAddresses : [],
    logs: logs.filter(({ serviceId }) => services.has(serviceId)),
    agent: worker.agent,
  } satisfies DesiredState
}
