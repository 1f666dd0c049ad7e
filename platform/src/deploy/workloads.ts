import { isDeepStrictEqual } from "node:util"
import { PgClient } from "@effect/sql-pg"
import type { PlacementId, ServiceId } from "@skypanel/contract/Id"
import { ownerOf, settingsNow } from "@skypanel/contract/image/ImageSettings"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { RegistryCredential } from "../artifacts/RegistryCredential.ts"
import { PlatformConfig } from "../config.ts"
import type { Meanings } from "../domain/stacks/meanings.ts"
import { Orchestrator, type Placed, type Workload } from "../orchestrator/Orchestrator.ts"
import { loadDeployment, loadRelease } from "../store/Deployments.ts"
import type { DeploymentRow, PlacementRow, ReleaseRow, ServiceRow } from "../store/rows.ts"
import { startEnvironment } from "./startEnvironment.ts"

/** Started in one look; the next one is soon, and has to have its turn. */
const runMost = 500

/** The machine of a placement: its node in the cluster, where its volumes are, and whether this service's is ready. */
interface Machine {
  readonly node_id: string | null
  readonly volume_folder: string | null
  readonly volume_ready: boolean
  /** Whose it is; null: its agent does not say. */
  readonly volume_owner: number | null
}

/** An agent that says whose a volume is hands it over before a container of somebody else is started. */
const isReadyFor = ({ volume_ready, volume_owner }: Machine, { image_settings }: ReleaseRow) =>
  volume_ready &&
  (volume_owner === null || volume_owner === ownerOf(image_settings && settingsNow(image_settings)).uid)

const machineOf = (placement: PlacementRow) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<Machine>`select w.node_id, w.hello ->> 'volumeFolder' as volume_folder,
          coalesce(r.volumes @> to_jsonb(${placement.service_id}::text), false) as volume_ready,
          (r.volume_owners ->> ${placement.service_id}::text)::int as volume_owner
        from worker w left join worker_report r on r.worker_id = w.id where w.id = ${placement.worker_id}`,
      (rows) => rows[0] ?? null,
    ),
  )

const volumeOf = (service: ServiceRow, deployment: DeploymentRow, machine: Machine): Workload["volume"] =>
  deployment.volume === null || machine.volume_folder === null
    ? null
    : { source: `${machine.volume_folder}/${service.id}`, path: deployment.volume.path }

/** Before it is started: an instance never has what is not written down. */
const writeMeanings = (placement: PlacementRow, meanings: Meanings) =>
  Effect.gen(function* () {
    if (isDeepStrictEqual(placement.meanings ?? {}, meanings)) return
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update placement set meanings = ${pg.json(meanings)} where id = ${placement.id}`
  })

const workloadOf = (
  service: ServiceRow,
  deployment: DeploymentRow,
  release: ReleaseRow,
  placement: PlacementRow,
  machine: Machine & { readonly node_id: string },
) =>
  Effect.gen(function* () {
    const config = yield* PlatformConfig
    const credential = yield* RegistryCredential
    const start = yield* startEnvironment(service, deployment, placement.meanings)
    if (start === null) return null
    yield* writeMeanings(placement, start.meanings)
    const { environment } = start
    const repository = `${service.organization_id}/${service.id}`
    return {
      organizationId: service.organization_id,
      serviceId: service.id,
      serviceName: service.name,
      deploymentId: deployment.id,
      placementId: placement.id,
      nodeId: machine.node_id,
      image: `${config.registryAddress}/${repository}@${release.image_digest}`,
      registryCredential: credential.forRepository(repository),
      environment,
      port: deployment.port,
      resources: deployment.resources,
      volume: volumeOf(service, deployment, machine),
      imageSettings: release.image_settings === null ? null : settingsNow(release.image_settings),
    } satisfies Workload
  })

/** Starts what a placement says, if its worker is a member of the cluster and has the volume. Asked again later if not. */
export const runPlacement = (placement: PlacementRow) =>
  Effect.gen(function* () {
    const orchestrator = yield* Orchestrator
    const found = yield* loadDeployment(placement.deployment_id)
    const release = found?.deployment.release_id ? yield* loadRelease(found.deployment.release_id) : null
    const machine = yield* machineOf(placement)
    if (found === null || release === null || machine === null || machine.node_id === null) return
    if (found.deployment.volume !== null && !isReadyFor(machine, release)) return
    const workload = yield* workloadOf(found.service, found.deployment, release, placement, {
      ...machine,
      node_id: machine.node_id,
    })
    if (workload !== null) yield* orchestrator.run(workload)
  })

/** What decides whether the orchestrator shall have it. */
export interface WantedPlacement extends Pick<PlacementRow, "id" | "state"> {
  /** Of its worker; null: it is no member of the cluster yet. */
  readonly node_id: string | null
}

/** What the orchestrator shall have. One that is leaving is still there: it answers what it has begun. */
export const wantedPlacements = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<WantedPlacement>`
    select p.id, p.state, w.node_id from placement p join worker w on w.id = p.worker_id where p.state <> 'ended'`,
)

/** Those about which something goes on: few, in a fleet of any size. */
export const unsettledPlacements = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<WantedPlacement>`
    select p.id, p.state, w.node_id from placement p join worker w on w.id = p.worker_id
    where p.state in ('starting', 'leaving')
    union all
    select p.id, p.state, w.node_id from placement p join worker w on w.id = p.worker_id
    where p.state = 'ended' and not p.gone and p.ended_at > now() - interval '10 minutes'`,
)

/** Every one that a service ever had and that is still remembered. */
export const placementsOf = (service: ServiceId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(sql<{ id: PlacementId }>`select id from placement where service_id = ${service}`, (rows) =>
      rows.map(({ id }) => id),
    ),
  )

export const isWanted = ({ state }: Pick<PlacementRow, "state">): boolean =>
  state === "starting" || state === "serving"

/** Bound to a node that its worker is not any more: the cluster or the machine was made anew. */
export const isAstray = ({ nodeId }: Placed, { node_id }: WantedPlacement): boolean =>
  node_id !== null && nodeId !== node_id

/** Runs those of them that are still to run. */
export const runPlacements = (ids: ReadonlyArray<PlacementId>) =>
  Effect.gen(function* () {
    if (ids.length === 0) return
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<PlacementRow>`select * from placement
      where ${sql.in("id", ids.slice(0, runMost))} and state in ('starting', 'serving')`
    for (const row of rows) yield* runPlacement(row)
  })
