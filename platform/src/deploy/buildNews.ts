import type { DeploymentFailure, StepName } from "@skypanel/contract/Deployment"
import type { DeploymentId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Notifications } from "../notify/Notifications.ts"
import { loadDeployment } from "../store/Deployments.ts"
import type { DeploymentRow, ServiceRow } from "../store/rows.ts"

const buildSteps: ReadonlyArray<StepName> = ["queued", "building", "publishing"]
const linesTold = 10

const isOfBuild = (failure: DeploymentFailure | null): failure is DeploymentFailure =>
  failure !== null && buildSteps.includes(failure.step)

interface Before {
  readonly failure: DeploymentFailure | null
  readonly created_by: string | null
}

/**
 * How the service's build before this one ended, if it failed. One that was canceled says nothing, unless a release was
 * made of it: that it builds again was told then, whatever became of the deployment.
 */
const failedBefore = ({ service_id, number }: DeploymentRow) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<Before>`select case when d.release_id is null then d.failure end as failure, d.created_by
        from deployment d join build b on b.deployment_id = d.id
        where d.service_id = ${service_id} and d.number < ${number} 
          and (d.status in ('live', 'failed') or d.release_id is not null)
        order by d.number desc limit 1`,
      ([row]) => (row !== undefined && isOfBuild(row.failure) ? { ...row, failure: row.failure } : null),
    ),
  )

const pathOf = ({ organization_slug, name }: ServiceRow, { number }: DeploymentRow): string =>
  `/organizations/${encodeURIComponent(organization_slug)}/services/${encodeURIComponent(name)}/deployments/${number}`

const bodyOf = ({ detail, lines, location, next }: DeploymentFailure): string =>
  [
    ...(location === null ? [] : [`${location.file}, line ${location.line}, column ${location.column}`]),
    ...(detail === "" ? [] : [detail]),
    ...lines.slice(0, linesTold),
    ...(next === "" ? [] : [`Next: ${next}`]),
  ].join("\n")

/**
 * Tells who started a build that it failed. In the transaction that ends it, so that it is told once; and not again as
 * long as the service fails for the same reason.
 */
export const tellFailedBuild = (id: DeploymentId, failure: DeploymentFailure) =>
  Effect.gen(function* () {
    const found = yield* loadDeployment(id)
    if (found === null || failure.code === "canceled" || !isOfBuild(failure)) return
    const { deployment, service } = found
    const sql = yield* SqlClient.SqlClient
    const built = yield* sql`select id from build where deployment_id = ${id}`
    const before = yield* failedBefore(deployment)
    const isKnown = before?.failure.code === failure.code && before.failure.title === failure.title
    if (built.length === 0 || isKnown) return
    const notifications = yield* Notifications
    yield* notifications.tellStarter(service.organization_id, deployment.created_by, {
      kind: "build",
      tone: "bad",
      title: `${service.name} (${service.organization_slug}): build ${deployment.number} failed: ${failure.title}`,
      body: bodyOf(failure),
      workerId: null,
      path: pathOf(service, deployment),
    })
  })

/** Tells whom a failure was told that the service builds again. In the transaction that makes the release of it. */
export const tellBuiltAgain = (id: DeploymentId) =>
  Effect.gen(function* () {
    const found = yield* loadDeployment(id)
    if (found === null) return
    const { deployment, service } = found
    const before = yield* failedBefore(deployment)
    if (before === null) return
    const notifications = yield* Notifications
    yield* notifications.tellStarter(service.organization_id, before.created_by, {
      kind: "build",
      tone: "good",
      title: `${service.name} (${service.organization_slug}) builds again, with build ${deployment.number}.`,
      body: "",
      workerId: null,
      path: pathOf(service, deployment),
    })
  })
