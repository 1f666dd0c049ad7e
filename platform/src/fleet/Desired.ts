import type {
  BuildAssignment,
  Desired,
  DesiredAgent,
  DesiredPlacement,
  DesiredVolume,
  LogRequest,
} from "@skypanel/contract/AgentProtocol"
import type {
  BuildId,
  DeploymentId,
  OrganizationId,
  PlacementId,
  ServiceId,
  WorkerId,
} from "@skypanel/contract/Id"
import type { Source } from "@skypanel/contract/Source"
import type { WorkerRole } from "@skypanel/contract/Worker"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { uploadToken } from "../domain/uploadToken.ts"
import { leaseSeconds } from "../domain/workers/moves.ts"
import { endedOn } from "../store/Placements.ts"
import type { RoutesView } from "./routes.ts"

const MiB = 1024 * 1024

/** What one build may use. Its memory bounds evaluation and build each. */
const buildLimits = {
  evaluationSeconds: 60,
  buildSeconds: 1800,
  memoryBytes: 4096 * MiB,
  logBytes: 32 * MiB,
  sourceBytes: 512 * MiB,
}

/** Everything but the number that it is sent under. */
export type DesiredState = Omit<Desired, "_tag" | "generation"> & Required<Pick<Desired, "clusterAddresses">>

interface BuildRow {
  readonly id: BuildId
  readonly organization_id: OrganizationId
  readonly service_name: string
  readonly source: Source
  readonly canceled: boolean
}

const buildsOf = (worker: WorkerId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { secret } = yield* PlatformConfig
    const rows = yield* sql<BuildRow>`
      select b.id, b.organization_id, s.name as service_name, d.source, b.canceled or d.cancel_reason is not null as canceled
      from build b join deployment d on d.id = b.deployment_id join service s on s.id = d.service_id
      where b.worker_id = ${worker} and b.finished_at is null order by b.created_at`
    return rows.map(
      (row): BuildAssignment => ({
        id: row.id,
        organizationId: row.organization_id,
        serviceName: row.service_name,
        source: row.source,
        // The fastest level: what is uploaded is read again at once, and the wire is short.
        uploadPath: `/cache/push/${uploadToken(Redacted.value(secret), row.id)}?compression=zstd&compression-level=1`,
        limits: buildLimits,
        canceled: row.canceled,
      }),
    )
  })

interface PlacementRow {
  readonly id: PlacementId
  readonly deployment_id: DeploymentId
  readonly service_id: ServiceId
  readonly organization_id: OrganizationId
  readonly port: number
  readonly health_path: string | null
  readonly leased: boolean
}

/** One that is leaving is not among them: it runs on, but gets no more requests. */
const placementsOf = (worker: WorkerId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<PlacementRow>`
        select p.id, p.deployment_id, p.service_id, p.organization_id, d.port, d.health_path,
          coalesce(d.volume ->> 'whenWorkerIsLost' = 'start-empty', false) as leased
        from placement p join deployment d on d.id = p.deployment_id
        where p.worker_id = ${worker} and p.state in ('starting', 'serving') order by p.id`,
      (rows) =>
        rows.map(
          (row): DesiredPlacement => ({
            placementId: row.id,
            deploymentId: row.deployment_id,
            serviceId: row.service_id,
            organizationId: row.organization_id,
            port: row.port,
            healthPath: row.health_path,
            leaseSeconds: row.leased ? leaseSeconds : null,
          }),
        ),
    ),
  )

const volumesOf = (worker: WorkerId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: ServiceId; size: string }>`select id, volume ->> 'sizeBytes' as size from service
        where volume_worker_id = ${worker} and volume is not null and wish <> 'deleted' order by id`,
      (rows) => rows.map(({ id, size }): DesiredVolume => ({ serviceId: id, sizeBytes: Number(size) })),
    ),
  )

export interface DesiredFor {
  readonly id: WorkerId
  readonly roles: ReadonlyArray<WorkerRole>
  readonly agent: DesiredAgent | null
}

/** Everything that a worker shall do, read from the tables: the one place that decides it. */
export const desiredState = (worker: DesiredFor, routes: RoutesView, logs: ReadonlyArray<LogRequest>) =>
  Effect.gen(function* () {
    const [builds, placements, ended, volumes] = yield* Effect.all([
      buildsOf(worker.id),
      placementsOf(worker.id),
      endedOn(worker.id),
      volumesOf(worker.id),
    ])
    const services = new Set(placements.map(({ serviceId }) => serviceId))
    const isIngress = worker.roles.includes("ingress")
    const leased = placements.some((placement) => placement.leaseSeconds !== null)
    return {
      builds,
      placements,
      ended,
      volumes,
      routes: routes.routesFor(worker.id, isIngress ? null : services),
      peers: isIngress || leased ? routes.peersOf(worker.id) : [],
      peerSecret: routes.peerSecret,
      fleetAddresses: routes.fleetAddresses,
      // Who runs no services has no such ports.
      clusterAddresses: worker.roles.includes("services") ? routes.clusterAddresses : [],
      logs: logs.filter(({ serviceId }) => services.has(serviceId)),
      agent: worker.agent,
    } satisfies DesiredState
  })
