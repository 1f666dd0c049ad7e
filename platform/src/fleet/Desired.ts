import type {
  Desired,
  DesiredAgent,
  DesiredPlacement,
  DesiredVolume,
  LogRequest,
} from "@skypanel/contract/AgentProtocol"
import type { DeploymentId, OrganizationId, PlacementId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import { type ImageSettings, ownerOf, settingsNow } from "@skypanel/contract/image/ImageSettings"
import type { WorkerRole } from "@skypanel/contract/Worker"
import type { CommonImages, ImageKeeping } from "@skypanel/contract/WorkerImages"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { leaseSeconds } from "../domain/workers/moves.ts"
import { endedOn } from "../store/Placements.ts"
import { assignmentsOn } from "./assignments.ts"
import { byWorker } from "./byWorker.ts"
import type { RoutesView } from "./routes.ts"

/** Everything but the number that it is sent under. */
export type DesiredState = Omit<Desired, "_tag" | "generation"> & Required<Pick<Desired, "clusterAddresses">>

type Ids = ReadonlyArray<WorkerId>

interface PlacementRow {
  readonly worker_id: WorkerId
  readonly id: PlacementId
  readonly deployment_id: DeploymentId
  readonly service_id: ServiceId
  readonly organization_id: OrganizationId
  readonly port: number | null
  readonly health_path: string | null
  readonly leased: boolean
}

const placementOf = (row: PlacementRow): DesiredPlacement => ({
  placementId: row.id,
  deploymentId: row.deployment_id,
  serviceId: row.service_id,
  organizationId: row.organization_id,
  port: row.port ?? 0,
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
  /** Of what shall run with it; null: nothing shall, or it was made of a closure. */
  readonly image_settings: ImageSettings | null
}

const volumesOn = (workers: Ids) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<VolumeRow>`
        select s.volume_worker_id as worker_id, s.id, s.volume ->> 'sizeBytes' as size, p.image_settings
        from service s
        left join lateral (
          select r.image_settings from placement p join deployment d on d.id = p.deployment_id
            join release r on r.id = d.release_id
          where p.service_id = s.id and p.worker_id = s.volume_worker_id and p.state in ('starting', 'serving')
          order by d.number desc limit 1
        ) p on true
        where ${sql.in("s.volume_worker_id", workers)} and s.volume is not null and s.wish <> 'deleted' order by s.id`,
      (rows) =>
        byWorker(
          rows,
          ({ id, size, image_settings }): DesiredVolume => ({
            serviceId: id,
            sizeBytes: Number(size),
            ...(image_settings !== null && { owner: ownerOf(settingsNow(image_settings)) }),
          }),
        ),
    ),
  )

export interface DesiredFor {
  readonly id: WorkerId
  readonly roles: ReadonlyArray<WorkerRole>
  readonly agent: DesiredAgent | null
  /** It shall take services, and so what they have in common. */
  readonly active: boolean
}

interface ImageRow {
  readonly worker_id: WorkerId
  readonly digest: string
}

/** Also of what is ending: until no container is there any more. */
const neededOn = (workers: Ids) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<ImageRow>`
        select distinct p.worker_id, r.image_digest as digest
        from placement p join deployment d on d.id = p.deployment_id join release r on r.id = d.release_id
        where ${sql.in("p.worker_id", workers)} and not p.gone order by 1, 2`,
      (rows) => byWorker(rows, ({ digest }) => digest),
    ),
  )

/** Of the last releases of the services that are placed there. */
const keptOn = (workers: Ids, releases: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<ImageRow>`
        select distinct p.worker_id, l.image_digest as digest
        from placement p cross join lateral (
          select r.image_digest from release r where r.service_id = p.service_id order by r.number desc limit ${releases}
        ) l
        where ${sql.in("p.worker_id", workers)} and not p.gone order by 1, 2`,
      (rows) => byWorker(rows, ({ digest }) => digest),
    ),
  )

/** What they shall run, read from the tables for all of them at once: a large fleet is not asked worker by worker. */
export const readDesired = (workers: Ids, keptReleases: number) =>
  Effect.gen(function* () {
    const [builds, placements, ended, volumes, needed, kept] = yield* Effect.all([
      assignmentsOn(workers),
      placementsOn(workers),
      Effect.map(endedOn(workers), (rows) => byWorker(rows, ({ id }) => id)),
      volumesOn(workers),
      neededOn(workers),
      keptOn(workers, keptReleases),
    ])
    return { builds, placements, ended, volumes, needed, kept }
  })

export type DesiredTables = Effect.Success<ReturnType<typeof readDesired>>

/** How much images may take, wherever they are. */
export type ImageRoom = Omit<ImageKeeping, "needed" | "kept">

/** Everything that a worker shall do: the one place that decides it. */
export const desiredState = (
  worker: DesiredFor,
  { builds, placements, ended, volumes, needed, kept }: DesiredTables,
  routes: RoutesView,
  logs: ReadonlyArray<LogRequest>,
  common: CommonImages,
  room: ImageRoom,
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
    ...(worker.active && worker.roles.includes("services") ? { common } : {}),
    ...(worker.roles.includes("services")
      ? { images: { ...room, needed: needed(worker.id), kept: kept(worker.id) } }
      : {}),
    logs: logs.filter(({ serviceId }) => services.has(serviceId)),
    agent: worker.agent,
  } satisfies DesiredState
}
