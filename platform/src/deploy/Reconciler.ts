import type { OrganizationId, PlacementId, ServiceId } from "@skypanel/contract/Id"
import { Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { Images } from "../artifacts/Images.ts"
import { restMs } from "../domain/rest.ts"
import { Cluster } from "../orchestrator/Cluster.ts"
import { Orchestrator, type Placed } from "../orchestrator/Orchestrator.ts"
import { Changes, type RowChange } from "../store/Changes.ts"
import { unfinishedDeployments } from "../store/Deployments.ts"
import { endPlacement, leaveUnwanted, placementsToEnd } from "../store/Placements.ts"
import { Deploy } from "./Deploy.ts"
import {
  isAstray,
  isWanted,
  placementsOf,
  runPlacements,
  unsettledPlacements,
  type WantedPlacement,
  wantedPlacements,
} from "./workloads.ts"

/** How long an instance may answer the requests it has, after the endpoint stopped leading to it. */
const drainSeconds = 2
const wholeEveryMs = 2_000

/** Ends what nobody wants any more, of these services or of all, and what has had its time to answer its requests. */
const endPlacements = (services: ReadonlySet<ServiceId> | null) =>
  Effect.gen(function* () {
    yield* leaveUnwanted(services)
    for (const { id } of yield* placementsToEnd(drainSeconds)) yield* endPlacement(id)
  })

const removeWorkloads = (placed: ReadonlyArray<Placed>) =>
  Effect.flatMap(Orchestrator, (orchestrator) =>
    Effect.forEach(placed, ({ placementId }) => orchestrator.remove(placementId), {
      concurrency: 4,
      discard: true,
    }),
  )

/** Removes what shall not be there, or not there; starts what shall and is not. */
const agree = (
  placed: ReadonlyArray<Placed>,
  wanted: ReadonlyMap<PlacementId, WantedPlacement>,
  isStray: (one: Placed, placement: WantedPlacement | undefined) => boolean,
) =>
  Effect.gen(function* () {
    const strays = placed.filter((one) => isStray(one, wanted.get(one.placementId)))
    yield* removeWorkloads(strays)
    const removed = new Set(strays)
    const present = new Set(placed.filter((one) => !removed.has(one)).map(({ placementId }) => placementId))
    const missing = Array.from(wanted.values()).filter((one) => isWanted(one) && !present.has(one.id))
    yield* runPlacements(missing.map(({ id }) => id))
  })

const byId = (rows: ReadonlyArray<WantedPlacement>) => new Map(rows.map((row) => [row.id, row]))

export const reconcileAll = Effect.gen(function* () {
  const orchestrator = yield* Orchestrator
  // The orchestrator is read first: what appears in the tables meanwhile is not taken for unwanted.
  const placed = yield* orchestrator.list
  const wanted = byId(yield* wantedPlacements)
  yield* agree(placed, wanted, (one, placement) => placement === undefined || isAstray(one, placement))
})

/** The orchestrator is asked about those alone that something goes on with; what it has besides is no stray here. */
export const reconcileUnsettled = Effect.gen(function* () {
  const orchestrator = yield* Orchestrator
  const unsettled = byId(yield* unsettledPlacements)
  if (unsettled.size === 0) return
  const placed = yield* orchestrator.find(Array.from(unsettled.keys()))
  yield* agree(
    placed,
    unsettled,
    (one, placement) => placement !== undefined && (placement.state === "ended" || isAstray(one, placement)),
  )
})

/** A deleted service's rows go when nothing of it runs any more. */
const removeDeleted = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const images = yield* Images
  const orchestrator = yield* Orchestrator
  const deleted = yield* sql<{ id: ServiceId }>`
    select s.id from service s where s.wish = 'deleted'
      and not exists (select from deployment d where d.service_id = s.id and d.finished_at is null)`
  for (const { id } of deleted) {
    if ((yield* orchestrator.find(yield* placementsOf(id))).length > 0) continue
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

/** Everything: it costs the more, the larger the fleet is. */
const reconcile = Effect.gen(function* () {
  yield* resumeDeployments
  yield* endPlacements(null)
  yield* reconcileAll
  yield* removeDeleted
  yield* removeNetworks
})

/** What goes on, and these services; null: any may have changed. */
const reconcileChanged = (services: ReadonlySet<ServiceId> | null) =>
  Effect.gen(function* () {
    yield* resumeDeployments
    yield* endPlacements(services)
    yield* reconcileUnsettled
    yield* removeDeleted
  })

const concerns = new Set(["service", "placement", "deployment"])

/**
 * Looks every two seconds, and soon after a service, a deployment or a placement changed: at what goes on, and as often
 * as it is cheap at everything. Only the latter finds what nobody said: a workload that is missing, or that is nobody's.
 */
export const runReconciler = Effect.gen(function* () {
  const changes = yield* Changes
  const cluster = yield* Cluster
  yield* cluster.ensure.pipe(Effect.timeoutOption("15 seconds"), Effect.ignore)
  const changed = new Set<ServiceId>()
  let any = false
  let wholeAt = Number.NEGATIVE_INFINITY

  const gather = ({ table, service }: RowChange) => {
    if (table === null) any = true
    else if (service !== null) changed.add(service as ServiceId)
  }
  const look = Effect.gen(function* () {
    const begun = performance.now()
    const services = any ? null : new Set(changed)
    any = false
    changed.clear()
    if (begun < wholeAt) return yield* reconcileChanged(services)
    yield* reconcile
    wholeAt = performance.now() + restMs(performance.now() - begun, wholeEveryMs)
  }).pipe(
    Effect.catchCause((cause) => {
      any = true
      return Effect.logWarning("reconciling failed; it is tried again", cause)
    }),
  )

  yield* Stream.merge(
    Stream.tick("2 seconds"),
    changes.stream.pipe(
      Stream.filter(({ table }) => table === null || concerns.has(table)),
      Stream.map(gather),
    ),
  ).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => look),
    Effect.retry(Schedule.spaced("1 second")),
  )
})
