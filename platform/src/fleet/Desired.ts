import type { BuildAssignment, LogRequest, Route, WatchedDeployment } from "@skypanel/contract/AgentProtocol"
import type { BuildId, DeploymentId, OrganizationId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import type { Source } from "@skypanel/contract/Source"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { uploadToken } from "../domain/uploadToken.ts"

const MiB = 1024 * 1024

/** What one build may use. Its memory bounds evaluation and build each. */
const buildLimits = {
  evaluationSeconds: 60,
  buildSeconds: 1800,
  memoryBytes: 4096 * MiB,
  logBytes: 32 * MiB,
  sourceBytes: 512 * MiB,
}

interface BuildRow {
  readonly id: BuildId
  readonly organization_id: OrganizationId
  readonly service_name: string
  readonly source: Source
  readonly canceled: boolean
}

export interface DesiredState {
  readonly builds: ReadonlyArray<BuildAssignment>
  readonly deployments: ReadonlyArray<WatchedDeployment>
  readonly routes: ReadonlyArray<Route>
  readonly logs: ReadonlyArray<LogRequest>
}

/** Everything that a worker shall do, read from the tables: the one place that decides it. */
export const desiredState = (worker: WorkerId, logs: ReadonlyArray<LogRequest>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { secret } = yield* PlatformConfig
    const builds = yield* sql<BuildRow>`
      select b.id, b.organization_id, s.name as service_name, d.source, b.canceled or d.cancel_reason is not null as canceled
      from build b join deployment d on d.id = b.deployment_id join service s on s.id = d.service_id
      where b.worker_id = ${worker} and b.finished_at is null order by b.created_at`
    const deployments = yield* sql<{
      id: DeploymentId
      service_id: ServiceId
      organization_id: OrganizationId
      port: number
      health_path: string | null
    }>`
      select d.id, d.service_id, d.organization_id, d.port, d.health_path
      from deployment d join service s on s.id = d.service_id
      where d.finished_at is null or d.id = s.live_deployment_id order by d.id`
    const routes = yield* sql<{ host: string; id: ServiceId; live_deployment_id: DeploymentId | null }>`
      select host, id, live_deployment_id from service where wish <> 'deleted' order by host`
    return {
      builds: builds.map((row) => ({
        id: row.id,
        organizationId: row.organization_id,
        serviceName: row.service_name,
        source: row.source,
        // The fastest level: what is uploaded is read again at once, and the wire is short.
        uploadPath: `/cache/push/${uploadToken(Redacted.value(secret), row.id)}?compression=zstd&compression-level=1`,
        limits: buildLimits,
        canceled: row.canceled,
      })),
      deployments: deployments.map((row) => ({
        deploymentId: row.id,
        serviceId: row.service_id,
        organizationId: row.organization_id,
        port: row.port,
        healthPath: row.health_path,
      })),
      routes: routes.map((row) => ({
        host: row.host,
        serviceId: row.id,
        deploymentId: row.live_deployment_id,
      })),
      logs,
    } satisfies DesiredState
  })
