import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { look, type Seen, type WatchLimits } from "../domain/releases/watch.ts"
import { Notifications } from "../notify/Notifications.ts"
import { configureAs, insertDeployment, loadRelease } from "../store/Deployments.ts"
import {
  endWatch,
  lockWatch,
  saveSeen,
  type WatchRow,
  watchedInstances,
  watchesDue,
} from "../store/ReleaseWatches.ts"
import { reconsiderSource } from "../store/Repositories.ts"
import type { DeploymentRow, ServiceRow } from "../store/rows.ts"
import { startDeployment } from "./requests/startDeployment.ts"

const secondsBetweenLooks = 5
const exits = 3
const unhealthyLooksLeast = 4
/** Beyond its end, a release that has turned bad waits so long for a later deployment to end. */
const waitMostMs = 30 * 60_000

/** An instance that starts again gets the time that a first start gets. */
const limitsOf = (healthDeadlineSeconds: number): WatchLimits => ({
  exits,
  unhealthyLooks: Math.max(unhealthyLooksLeast, Math.ceil(healthDeadlineSeconds / secondsBetweenLooks) + 1),
  secondsBetweenLooks,
})

/**
 * The service, whose row is locked with the watch, if the watched deployment is still the last word on it. What ended
 * unchanged after it only said so again, what failed or was canceled changed nothing of what serves, and of what is
 * under way nobody knows yet what it says.
 */
const lastWord = (watch: WatchRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [service] = yield* sql<ServiceRow>`select * from service
      where id = ${watch.service_id} and wish = 'running' and live_deployment_id = ${watch.deployment_id}`
    const [deployment] =
      yield* sql<DeploymentRow>`select * from deployment d where id = ${watch.deployment_id}
      and not exists (select from deployment later where later.service_id = d.service_id and later.number > d.number
        and later.status = 'live' and later.receipt ->> 'unchanged' is distinct from 'true')`
    if (service === undefined || deployment === undefined) return null
    const underWay = yield* sql`select from deployment where service_id = ${service.id}
      and number > ${deployment.number} and finished_at is null limit 1`
    return underWay.length > 0 ? ("open" as const) : { service, deployment }
  })

/**
 * Deploys the release before, marks the deployment that is left, and tells the owners: all of it or nothing. While a
 * later deployment is under way it is not decided: what was seen stays. `reason`: null where it has recovered since.
 */
const goBack = (watch: WatchRow, reason: string | null, seen: Seen) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const notifications = yield* Notifications
    const found = yield* lastWord(watch)
    if (found === "open")
      return yield* Effect.as(saveSeen(watch.deployment_id, { ...seen, waits: true }), null)
    if (reason === null) return yield* Effect.as(saveSeen(watch.deployment_id, seen), null)
    yield* endWatch(watch.deployment_id)
    const release = yield* loadRelease(watch.return_release_id)
    if (found === null || release === null) return null
    const { service, deployment } = found
    const configured = yield* configureAs(service, release)
    yield* reconsiderSource(configured)
    const started = yield* insertDeployment(configured, "return", release.id, null)
    yield* sql`update deployment set returned_reason = ${reason}, returned_by = ${started.number}
      where id = ${deployment.id}`
    yield* notifications.tellOwners(service.organization_id, {
      kind: "returned",
      tone: "bad",
      title: `${service.name} (${service.organization_slug}): deployment ${deployment.number} turned bad; release ${release.number} is deployed again.`,
      body: `What was seen: ${reason}. Look at its log, and deploy again when it is mended.`,
      workerId: null,
    })
    return started
  })

const lookAt = (id: WatchRow["deployment_id"], afterMs: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { healthDeadlineSeconds } = yield* PlatformConfig
    const started = yield* sql.withTransaction(
      Effect.gen(function* () {
        const watch = yield* lockWatch(id, afterMs)
        if (watch === null) return null
        const mostMs = watch.seen.waits ? waitMostMs : 0
        if (watch.ends_at.getTime() + mostMs < Date.now()) return yield* Effect.as(endWatch(id), null)
        const instances = yield* watchedInstances(id)
        const { seen, reason } = look(watch.seen, instances, Date.now(), limitsOf(healthDeadlineSeconds))
        if (reason !== null || watch.seen.waits) return yield* goBack(watch, reason, seen)
        return yield* Effect.as(saveSeen(id, seen), null)
      }),
    )
    // Cut off here, the reconciler starts it: the row is the outbox.
    if (started !== null) yield* startDeployment(started)
  }).pipe(Effect.catchCause((cause) => Effect.logWarning(`cannot look after deployment ${id}`, cause)))

/** Looks at every release that is in its first minutes, once; not at those that were looked at just now. */
export const lookAfterReleases = (afterMs: number) =>
  Effect.gen(function* () {
    for (const { deployment_id } of yield* watchesDue(afterMs)) yield* lookAt(deployment_id, afterMs)
  })

/**
 * Looks after new releases, for as long as it runs. What it has seen is in rows: a platform that starts again goes on
 * where the one before was, and of several each release is looked at by one.
 */
export const runReturns = lookAfterReleases(secondsBetweenLooks * 1000 - 500).pipe(
  Effect.catchCause((cause) => Effect.logWarning("cannot look after releases", cause)),
  Effect.repeat(Schedule.spaced(`${secondsBetweenLooks} seconds`)),
)
