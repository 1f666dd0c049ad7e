import { PgClient } from "@effect/sql-pg"
import type { FetchedCommit } from "@skypanel/contract/BuildAssignment"
import {
  type DeploymentFailure,
  type DeploymentReceipt,
  type DeploymentTrigger,
  type StepName,
  stepNames,
} from "@skypanel/contract/Deployment"
import type { DeploymentId, OrganizationId, ReleaseId, ServiceId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newDeploymentId } from "../domain/id.ts"
import type { DeploymentRow, ReleaseRow, ServiceRow } from "./rows.ts"
import { versionsToDeploy } from "./SecretVariables.ts"
import { asTenant } from "./Tenant.ts"

/**
 * Starts a deployment of what the service row says. Runs in the caller's transaction, which holds the service's row
 * lock: numbers have no gaps, and the deployment before learns that it is superseded.
 */
export const insertDeployment = (
  service: ServiceRow,
  trigger: DeploymentTrigger,
  releaseId: ReleaseId | null,
  createdBy: string | null,
  pinnedRevision: string | null = null,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const id = newDeploymentId()
    const number = service.deployment_count + 1
    yield* sql`update service set deployment_count = ${number} where id = ${service.id} and organization_id = ${service.organization_id}`
    yield* cancelUnfinished(service.organization_id, service.id, `Deployment ${number} came after it.`)
    yield* sql`insert into deployment ${sql.insert({
      id,
      organization_id: service.organization_id,
      service_id: service.id,
      number,
      trigger,
      source: pg.json(service.source),
      environment: pg.json(service.environment),
      secrets: pg.json(service.secrets),
      resources: pg.json(service.resources),
      port: service.port,
      health_path: service.health_path,
      replicas: service.replicas,
      volume: service.volume === null ? null : pg.json(service.volume),
      release_id: releaseId,
      created_by: createdBy,
      pinned_revision: pinnedRevision,
    } as never)}`
    for (const name of stepNames)
      yield* sql`insert into deployment_step (deployment_id, organization_id, name, state, started_at)
        values (${id}, ${service.organization_id}, ${name}, ${name === "queued" ? "running" : "pending"},
          ${name === "queued" ? sql`now()` : null})`
    return { id, number }
  })

/** What is known of the commit that it deploys. */
export const saveCommit = (organization: OrganizationId, id: DeploymentId, commit: FetchedCommit) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* asTenant(
      organization,
      sql`update deployment set commit = ${pg.json(commit)}::jsonb
        where id = ${id} and organization_id = ${organization}`,
    )
  })

/** Gives the service the configuration that a release was made with, and wishes that it runs. */
export const configureAs = (service: ServiceRow, release: ReleaseRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const rows =
      yield* sql<ServiceRow>`update service set wish = 'running', source = ${pg.json(release.source)},
        environment = ${pg.json(release.environment)},
        secrets = ${pg.json(yield* versionsToDeploy(service, release.secrets))}, resources = ${pg.json(release.resources)},
        port = ${release.port}, health_path = ${release.health_path}, replicas = ${release.replicas},
        volume = ${release.volume === null ? null : pg.json(release.volume)}
      where id = ${service.id} and organization_id = ${service.organization_id} returning *`
    return rows[0]!
  })

/** Tells every unfinished deployment of the service to end. They end by themselves, soon. */
export const cancelUnfinished = (organization: OrganizationId, service: ServiceId, reason: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`update deployment set cancel_reason = ${reason}
        where organization_id = ${organization} and service_id = ${service} and finished_at is null
          and cancel_reason is null`,
  )

/** What a step needs to know. Null when the service, and with it the deployment, is gone. */
export const loadDeployment = (id: DeploymentId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [deployment] = yield* sql<DeploymentRow>`select * from deployment where id = ${id}`
    if (deployment === undefined) return null
    const [service] = yield* sql<ServiceRow>`select * from service where id = ${deployment.service_id}`
    return service === undefined ? null : { deployment, service }
  })

export const loadRelease = (id: ReleaseId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(sql<ReleaseRow>`select * from release where id = ${id}`, (rows) => rows[0] ?? null),
  )

export const unfinishedDeployments = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql<{
      readonly id: DeploymentId
    }>`select id from deployment where finished_at is null order by created_at`,
)

/** A step starts: the ones before it are over; the ones that never ran were skipped. No step starts twice. */
export const enterStep = (id: DeploymentId, name: StepName) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const before = stepNames.slice(0, stepNames.indexOf(name))
    yield* sql.withTransaction(
      Effect.gen(function* () {
        if (before.length > 0)
          yield* sql`update deployment_step set
              state = case when state = 'running' then 'done' else 'skipped' end, finished_at = now()
            where deployment_id = ${id} and state in ('running', 'pending') and ${sql.in("name", before)}`
        const entered = yield* sql`update deployment_step set state = 'running', started_at = now()
          where deployment_id = ${id} and name = ${name} and state = 'pending' returning name`
        if (entered.length > 0)
          yield* sql`update deployment set status = ${name} where id = ${id} and finished_at is null`
      }),
    )
  })

export const describeStep = (id: DeploymentId, name: StepName, detail: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`update deployment_step set detail = ${detail} where deployment_id = ${id} and name = ${name} and detail is distinct from ${detail}`,
  )

export const finishLive = (id: DeploymentId, receipt: DeploymentReceipt) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`update deployment_step set state = case when state = 'running' then 'done' else 'skipped' end,
            finished_at = now() where deployment_id = ${id} and state in ('running', 'pending')`
        yield* sql`update deployment set status = 'live', receipt = ${pg.json(receipt)}, finished_at = now()
          where id = ${id} and finished_at is null`
      }),
    )
  })

/** `failed`, or `canceled` where that is what happened. The first end stays; false: there was one already. */
export const finishFailed = (id: DeploymentId, failure: DeploymentFailure) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const status = failure.code === "canceled" ? "canceled" : "failed"
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`update deployment_step set state = 'failed', finished_at = now(), started_at = coalesce(started_at, now())
          where deployment_id = ${id} and state = 'running'`
        yield* sql`update build set canceled = true, finished_at = case when worker_id is null then now() end,
            queue_position = null, queue_reason = null where deployment_id = ${id} and finished_at is null`
        const ended =
          yield* sql`update deployment set status = ${status}, failure = ${pg.json(failure)}, finished_at = now()
          where id = ${id} and finished_at is null returning id`
        return ended.length > 0
      }),
    )
  })
