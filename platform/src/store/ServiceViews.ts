import type { DeploymentFailure, DeploymentStatus } from "@skypanel/contract/Deployment"
import type { DeploymentId, OrganizationId } from "@skypanel/contract/Id"
import { hourlyPrice } from "@skypanel/contract/Price"
import type { Instance, Service } from "@skypanel/contract/Service"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { defaultPrices } from "../domain/prices.ts"
import { serviceState } from "../domain/serviceState.ts"
import type { InstanceRow, ServiceRow } from "./rows.ts"
import { asTenant } from "./Tenant.ts"

interface ViewRow extends ServiceRow {
  readonly release_number: number | null
  readonly stack_name: string | null
  /** The endpoint leads to a deployment, which has answered there once or took over from one that had. */
  readonly answered: boolean
  readonly newest: {
    readonly id: DeploymentId
    readonly number: number
    readonly status: DeploymentStatus
    readonly created_at: string
    readonly failure: DeploymentFailure | null
  } | null
  readonly secret_variables: ReadonlyArray<{
    readonly name: string
    readonly version: number
    readonly set_at: string
    readonly set_by: string | null
    readonly earlier: number
  }> | null
  readonly instances: ReadonlyArray<
    Pick<InstanceRow, "observed" | "deployment_id"> & {
      readonly worker: string
      readonly number: number
      readonly slot: number
      /** Its worker is there. */
      readonly heard: boolean
    }
  > | null
}

const toInstance = (row: NonNullable<ViewRow["instances"]>[number]): Instance => ({
  containerId: row.observed.containerId,
  worker: row.worker,
  deployment: row.number,
  slot: row.slot,
  state: row.observed.state,
  healthy: row.observed.healthy && row.heard,
  probe: row.heard ? row.observed.probe : "its worker does not answer",
  exitCode: row.observed.exitCode,
  startedAt: row.observed.startedAt,
})

const urlOf = ({ public: isPublic, host, name, port }: ViewRow, config: PlatformConfig["Service"]) => {
  if (port === null) return null
  return isPublic ? PlatformConfig.endpointUrl(config, host) : `tcp://${name}:${port}`
}

const toService = (row: ViewRow, config: PlatformConfig["Service"]): Service => {
  const instances = row.instances ?? []
  const healthy = new Set(
    instances.flatMap(({ deployment_id, observed, heard, slot }) =>
      deployment_id === row.live_deployment_id && observed.healthy && heard ? [slot] : [],
    ),
  )
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    state: serviceState({
      wish: row.wish,
      routed: row.answered,
      healthy: healthy.size >= row.replicas,
      newest: row.newest?.status ?? null,
    }),
    url: urlOf(row, config),
    public: row.public && row.port !== null,
    stack: row.stack_name,
    source: row.source,
    environment: row.environment,
    secrets: (row.secret_variables ?? []).map(({ set_at, set_by, ...secret }) => ({
      ...secret,
      setAt: new Date(set_at).toISOString(),
      setBy: set_by,
    })),
    resources: row.resources,
    port: row.port,
    healthPath: row.health_path,
    replicas: row.replicas,
    volume: row.volume,
    watchSeconds: row.watch_seconds,
    keptReleases: row.kept_releases,
    hourlyPrice: hourlyPrice(defaultPrices, row),
    release: row.release_number,
    deployment: row.newest && {
      id: row.newest.id,
      number: row.newest.number,
      status: row.newest.status,
      createdAt: new Date(row.newest.created_at).toISOString(),
      failureTitle: row.newest.failure?.title ?? null,
    },
    instances: instances.map(toInstance),
    createdAt: row.created_at.toISOString(),
  }
}

const select = (organization: OrganizationId, name: string | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const config = yield* PlatformConfig
    const rows = yield* asTenant(
      organization,
      sql<ViewRow>`
        select s.*, r.number as release_number, k.name as stack_name, to_jsonb(newest) as newest, running.instances,
          variables.secret_variables,
          coalesce(led.finished_at is not null or led.previous_deployment_id is not null, false) as answered
        from service s
        left join deployment led on led.id = s.live_deployment_id
        left join release r on r.id = s.current_release_id
        left join stack k on k.id = s.stack_id
        left join lateral (
          select d.id, d.number, d.status, d.created_at, d.failure from deployment d
          where d.service_id = s.id order by d.number desc limit 1
        ) newest on true
        left join lateral (
          select jsonb_agg(jsonb_build_object('observed', i.observed, 'deployment_id', i.deployment_id,
                   'worker', w.name, 'heard', w.heard, 'number', d.number, 'slot', p.slot)
                 order by d.number desc, p.slot, i.container_id) as instances
          from instance i join worker w on w.id = i.worker_id join deployment d on d.id = i.deployment_id
            join placement p on p.id = i.placement_id
          where i.service_id = s.id
        ) running on true
        left join lateral (
          select jsonb_agg(jsonb_build_object('name', v.name, 'version', v.version, 'set_at', v.set_at, 'set_by', v.set_by,
              'earlier', (select count(*) from secret_variable e where e.service_id = v.service_id and e.name = v.name
                and e.version <> v.version and e.sealed is not null)) order by v.name) as secret_variables
          from secret_variable v where v.service_id = s.id and s.secrets ->> v.name = v.version::text
        ) variables on true
        where s.organization_id = ${organization} and ${name === null ? sql`true` : sql`s.name = ${name}`}
        order by s.name limit 500`,
    )
    return rows.map((row) => toService(row, config))
  })

export const listServices = (organization: OrganizationId) => select(organization, null)

/** Null when the organization has no service of that name. */
export const findService = (organization: OrganizationId, name: string) =>
  Effect.map(select(organization, name), (services) => services[0] ?? null)
