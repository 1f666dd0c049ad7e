import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import { Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { Images } from "../artifacts/Images.ts"
import { Cluster } from "../orchestrator/Cluster.ts"
import { Orchestrator } from "../orchestrator/Orchestrator.ts"
import { Changes } from "../store/Changes.ts"
import { unfinishedDeployments } from "../store/Deployments.ts"
import { endPlacement, leaveUnwanted, placementsToEnd } from "../store/Placements.ts"
import { Deploy } from "./Deploy.ts"
import { isAstray, isWanted, placementsById, runPlacement, wantedPlacements } from "./workloads.ts"

/** How long an instance may answer the requests it has, after the endpoint stopped leading to it. */
const drainSeconds = 2

/** Ends what nobody wants any more, and what has had its time to answer the requests it had. */
const endPlacements = Effect.gen(function* () {
  yield* leaveUnwanted
  for (const { id } of yield* placementsToEnd(drainSeconds)) yield* endPlacement(id)
})

/** Removes what has no placement there, and starts what has one and is not there. */
const reconcileWorkloads = Effect.gen(function* () {
  const orchestrator = yield* Orchestrator
  // The orchestrator is read first: what appears in the tables meanwhile is not taken for unwanted.
  const placed = yield* orchestrator.list
  const placements = placementsById(yield* wantedPlacements)
  const strays = placed.filter((one) => {
    const placement = placements.get(one.placementId)
    return placement === undefined || isAstray(one, placement)
  })
  yield* Effect.forEach(strays, ({ placementId }) => orchestrator.remove(placementId), {
    concurrency: 4,
    discard: true,
  })
  const removed = new Set(strays)
  const present = new Set(placed.filter((one) => !removed.has(one)).map(({ placementId }) => placementId))
  for (const placement of placements.values())
    if (isWanted(placement) && !present.has(placement.id)) yield* runPlacement(placement)
  return placed
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
  yield* endPlacements
  const placed = yield* reconcileWorkloads
  yield* removeDeleted(placed)
  yield* removeNetworks
})

/** Looks at everything at the start, every two seconds, and soon after a service or a placement changed. */
export const runReconciler = Effect.gen(function* () {
  const changes = yield* Changes
  const cluster = yield* Cluster
  yield* cluster.ensure.pipe(Effect.timeoutOption("15 seconds"), Effect.ignore)
  yield* Stream.merge(
    Stream.tick("2 seconds"),
    changes.stream.pipe(
      Stream.filter(({ table }) => table === null || table === "service" || table === "placement"),
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
