import type { DeploymentId, OrganizationId, ServiceId } from "@skypanel/contract/Id"
import { Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { Images } from "../artifacts/Images.ts"
import { Orchestrator } from "../orchestrator/Orchestrator.ts"
import { Changes } from "../store/Changes.ts"
import { loadDeployment, loadRelease, unfinishedDeployments } from "../store/Deployments.ts"
import { Deploy } from "./Deploy.ts"
import { workloadOf } from "./rollOut.ts"

/** How long a replaced deployment may finish the requests it has, after the endpoint stopped leading to it. */
const drainSeconds = 2

interface Wanted {
  readonly id: DeploymentId
  readonly live: boolean
}

/** The deployments that may have containers: the ones that serve, the ones under way, and the ones that drain. */
const wantedDeployments = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Wanted>`
    select d.id, d.id = s.live_deployment_id as live from deployment d join service s on s.id = d.service_id
    where s.wish = 'running' and (
      d.id = s.live_deployment_id
      or d.finished_at is null
      or exists (select from deployment next where next.id = s.live_deployment_id
                 and next.previous_deployment_id = d.id
                 and (next.finished_at is null or next.finished_at > now() - make_interval(secs => ${drainSeconds}))))`,
)

/** Removes what nobody wants, and starts again what should serve and is not there. */
const reconcileWorkloads = Effect.gen(function* () {
  const orchestrator = yield* Orchestrator
  // The orchestrator is read first: what appears in the tables meanwhile is not taken for unwanted.
  const placed = yield* orchestrator.list
  const wanted = yield* wantedDeployments
  const keep = new Set(wanted.map((row) => row.id))
  for (const workload of placed)
    if (!keep.has(workload.deploymentId)) yield* orchestrator.remove(workload.deploymentId)
  const present = new Set(placed.map((workload) => workload.deploymentId))
  for (const row of wanted) if (row.live && !present.has(row.id)) yield* runAgain(row.id)
  return placed
})

const runAgain = (id: DeploymentId) =>
  Effect.gen(function* () {
    const orchestrator = yield* Orchestrator
    const found = yield* loadDeployment(id)
    const release = found?.deployment.release_id ? yield* loadRelease(found.deployment.release_id) : null
    if (found !== null && release !== null)
      yield* orchestrator.run(yield* workloadOf(found.service, found.deployment, release))
  })

/** A deleted service's rows go when nothing of it runs any more. */
const removeDeleted = (placed: ReadonlyArray<{ readonly serviceId: ServiceId }>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const images = yield* Images
    const running = new Set(placed.map((workload) => workload.serviceId))
    const deleted = yield* sql<{ id: ServiceId }>`
      select s.id from service s where s.wish = 'deleted'
        and not exists (select from deployment d where d.service_id = s.id and d.finished_at is null)`
    for (const { id } of deleted) {
      if (running.has(id)) continue
      yield* images.forget(id)
      yield* sql`delete from service where id = ${id} and wish = 'deleted'`
    }
  })

const removeNetworks = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const orchestrator = yield* Orchestrator
  const rows = yield* sql<{ organization_id: OrganizationId }>`select distinct organization_id from service`
  yield* orchestrator.keepNetworks(new Set(rows.map((row) => row.organization_id)))
})

/** The row is the outbox: an unfinished deployment whose workflow was never started is started here. */
const resumeDeployments = Effect.gen(function* () {
  for (const { id } of yield* unfinishedDeployments)
    yield* Deploy.execute({ deploymentId: id }, { discard: true })
})

export const reconcile = Effect.gen(function* () {
  yield* resumeDeployments
  const placed = yield* reconcileWorkloads
  yield* removeDeleted(placed)
  yield* removeNetworks
})

/** Looks at everything at the start, every two seconds, and soon after a service or a deployment's end changed. */
export const runReconciler = Effect.gen(function* () {
  const changes = yield* Changes
  yield* Stream.merge(
    Stream.tick("2 seconds"),
    changes.stream.pipe(
      Stream.filter((change) => change.table === null || change.table === "service"),
      Stream.map(() => undefined),
    ),
  ).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() =>
      reconcile.pipe(
        Effect.catchCause((cause) => Effect.logWarning("reconciling failed; it is tried again", cause)),
      ),
    ),
    Effect.retry(Schedule.spaced("1 second")),
  )
})
