import type { DeploymentId, WorkerId } from "@skypanel/contract/Id"
import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { canceled, endpointSilent } from "../domain/failures.ts"
import { AgentSessions } from "../fleet/AgentSessions.ts"
import { askProxy, NotAnswering } from "../fleet/askProxy.ts"
import { Dispatcher } from "../fleet/Dispatcher.ts"
import { enterStep } from "../store/Deployments.ts"
import type { DeploymentRow, ServiceRow } from "../store/rows.ts"
import { DeploymentFailed, loadWanted } from "./DeploymentFailed.ts"
import { hit } from "./failpoint.ts"
import { healthyNow } from "./healthyNow.ts"

const deadlineSeconds = 10
const answerMs = 3_000

const probe = (address: string, host: string, healthPath: string | null) =>
  Effect.gen(function* () {
    const { status, byProxy } = yield* askProxy(address, host, healthPath ?? "/", answerMs)
    if (byProxy) return yield* new NotAnswering({ detail: `the proxy answered ${status} itself` })
    if (healthPath !== null && (status < 200 || status >= 400))
      return yield* new NotAnswering({ detail: `GET ${healthPath} answered ${status}` })
  })

/** What served until now was all there. One with a volume had to end already: that it was live must do. */
const wasHealthy = ({ live_deployment_id, volume }: ServiceRow) =>
  live_deployment_id === null || volume !== null
    ? Effect.succeed(live_deployment_id !== null)
    : healthyNow(live_deployment_id)

/** Leads the endpoint to this deployment, unless it shall end or is no longer the newest. Idempotent. */
const moveTraffic = (id: DeploymentId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const moved = yield* sql.withTransaction(
      Effect.gen(function* () {
        const [row] =
          yield* sql<ServiceRow>`select s.* from service s join deployment d on d.service_id = s.id
          where d.id = ${id} and d.finished_at is null and d.cancel_reason is null and s.wish = 'running' for update of s`
        if (row === undefined) return false
        if (row.live_deployment_id === id) return true
        yield* sql`update deployment set previous_deployment_id = ${row.live_deployment_id},
          took_over_from_healthy = ${yield* wasHealthy(row)} where id = ${id}`
        yield* sql`update service set live_deployment_id = ${id} where id = ${row.id}`
        return true
      }),
    )
    if (!moved)
      return yield* new DeploymentFailed({ failure: canceled("verifying", "The service changed meanwhile.") })
  })

/** Leads the endpoint back to where it led before this deployment. Idempotent. */
export const returnTraffic = (deployment: DeploymentRow) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update service set live_deployment_id = ${deployment.previous_deployment_id}
      where id = ${deployment.service_id} and live_deployment_id = ${deployment.id}`,
  )

const workersOf = (id: DeploymentId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql<{
        worker_id: WorkerId
      }>`select distinct worker_id from instance where deployment_id = ${id} and healthy`,
  )

/** Moves the traffic and asks the endpoint itself; only its answer makes a deployment live. */
export const verify = (id: DeploymentId) =>
  Effect.gen(function* () {
    const sessions = yield* AgentSessions
    const dispatcher = yield* Dispatcher
    const { deployment, service } = yield* loadWanted(id, "verifying")
    yield* enterStep(id, "verifying")
    yield* moveTraffic(id)
    yield* hit("traffic-moved")
    // Nobody else is asked for one without an endpoint: its workers have seen it healthy.
    if (!service.public || deployment.port === null) return
    yield* dispatcher.settle(service.id).pipe(Effect.timeoutOption("5 seconds"))
    const attempt = Effect.gen(function* () {
      for (const { worker_id } of yield* workersOf(id)) {
        const address = sessions.get(worker_id)?.hello?.endpointAddress ?? null
        if (address !== null) return yield* probe(address, service.host, deployment.health_path)
      }
      return yield* new NotAnswering({ detail: "no worker that runs it is connected" })
    })
    let seen = "nothing was seen"
    yield* attempt.pipe(
      Effect.tapErrorTag("NotAnswering", ({ detail }) =>
        Effect.sync(() => {
          seen = detail
        }),
      ),
      Effect.retry({
        schedule: Schedule.spaced("100 millis"),
        while: (error) => error._tag === "NotAnswering",
      }),
      Effect.timeoutOrElse({
        duration: `${deadlineSeconds} seconds`,
        orElse: () => Effect.fail(new NotAnswering({ detail: seen })),
      }),
      Effect.catchTag(
        "NotAnswering",
        ({ detail }) => new DeploymentFailed({ failure: endpointSilent(detail, deadlineSeconds) }),
      ),
    )
    yield* hit("answered")
  })
