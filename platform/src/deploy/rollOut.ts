import type { DeploymentId } from "@skypanel/contract/Id"
import { steadySeconds } from "@skypanel/contract/Service"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import {
  exited,
  internal,
  neverHealthy,
  noRoom,
  notPlaced,
  oldCopyStays,
  variableMissing,
} from "../domain/failures.ts"
import { type NoRoom, placeInstance } from "../fleet/place.ts"
import { scalingDue } from "../fleet/scaling.ts"
import { Orchestrator } from "../orchestrator/Orchestrator.ts"
import { Changes } from "../store/Changes.ts"
import { describeStep, enterStep } from "../store/Deployments.ts"
import { activePlacements, endPlacement } from "../store/Placements.ts"
import type { DeploymentRow, InstanceRow, PlacementRow, ServiceRow } from "../store/rows.ts"
import { DeploymentFailed, loadWanted } from "./DeploymentFailed.ts"
import { hit } from "./failpoint.ts"
import { startEnvironment } from "./startEnvironment.ts"
import { runPlacement } from "./workloads.ts"

/** How long a worker may take to get the image, which may be large the first time, and to start it. */
const placementSeconds = 180
/** How long to wait for any worker at all: one may just be coming back. */
const workerSeconds = 60
/** How long the old copy of a service with a volume may take to end. */
const handoverSeconds = 60

interface Seen extends InstanceRow {
  readonly slot: number
}

/** What is observed of the deployment's placements that count. */
const instancesOf = (id: DeploymentId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<Seen>`select i.*, i.healthy and w.heard as healthy, p.slot
      from instance i join placement p on p.id = i.placement_id join worker w on w.id = i.worker_id
      where p.deployment_id = ${id} and p.state in ('starting', 'serving')`,
  )

/** Two releases must not write to one volume: the old copy ends before the new one starts. */
const takeVolumeOver = (deployment: DeploymentRow, service: ServiceRow) =>
  Effect.gen(function* () {
    if (deployment.volume === null && service.volume === null) return
    const sql = yield* SqlClient.SqlClient
    const changes = yield* Changes
    const others = yield* sql<PlacementRow>`select * from placement
      where service_id = ${service.id} and deployment_id <> ${deployment.id} and state <> 'ended'`
    for (const { id } of others) yield* endPlacement(id)
    const left = sql<{ count: bigint }>`select count(*) as count from placement p
      where p.service_id = ${service.id} and p.deployment_id <> ${deployment.id} and not p.gone`
    yield* changes
      .until(
        Effect.map(left, (rows) => (Number(rows[0]?.count ?? 0) === 0 ? true : null)),
        (change) => change.service === service.id,
      )
      .pipe(
        Effect.timeoutOrElse({
          duration: `${handoverSeconds} seconds`,
          orElse: () => Effect.fail(new DeploymentFailed({ failure: oldCopyStays(handoverSeconds) })),
        }),
      )
  })

const placeMissing = (deployment: DeploymentRow, active: ReadonlyArray<PlacementRow>) =>
  Effect.gen(function* () {
    const taken = new Set(active.map(({ slot }) => slot))
    for (let slot = 0; slot < deployment.replicas; slot++)
      if (!taken.has(slot))
        yield* placeInstance({
          organizationId: deployment.organization_id,
          serviceId: deployment.service_id,
          deploymentId: deployment.id,
          slot,
          resources: deployment.resources,
          volume: deployment.volume,
          reason: "deployment",
          replaces: null,
          avoid: [],
        })
  })

const noRoomFor = (service: ServiceRow, { reason }: NoRoom) =>
  scalingDue(
    "no-capacity",
    `${service.name} of ${service.organization_slug} cannot be deployed. ${reason}`,
  ).pipe(Effect.andThen(new DeploymentFailed({ failure: noRoom(reason) })))

/** Chooses a worker for every instance. Waits a little where there is no worker at all; where none has room, not. */
const placeAll = (deployment: DeploymentRow, service: ServiceRow) =>
  Effect.gen(function* () {
    const changes = yield* Changes
    const began = performance.now()
    const look = Effect.gen(function* () {
      yield* loadWanted(deployment.id, "rolling-out")
      return yield* placeMissing(deployment, yield* activePlacements(deployment.id)).pipe(
        Effect.as(true),
        Effect.catchTag("NoRoom", (none) => {
          const late = performance.now() - began > workerSeconds * 1000
          return none.mayPass && !late
            ? describeStep(deployment.id, "rolling-out", "waiting for a worker").pipe(Effect.as(null))
            : noRoomFor(service, none)
        }),
      )
    })
    yield* changes.until(look, (change) => change.table === "worker" || change.deployment === deployment.id)
  })

/**
 * Starts the release beside the one that serves, and waits until the workers have seen every instance healthy. The
 * first exit ends the deployment: an application that cannot stay up for its first answer will not by being started
 * again.
 */
export const rollOut = (id: DeploymentId) =>
  Effect.gen(function* () {
    const orchestrator = yield* Orchestrator
    const changes = yield* Changes
    const { healthDeadlineSeconds } = yield* PlatformConfig
    const { deployment, service } = yield* loadWanted(id, "rolling-out")
    yield* enterStep(id, "rolling-out")
    if (deployment.release_id === null)
      return yield* new DeploymentFailed({ failure: internal("rolling-out", "its release is gone") })
    if ((yield* startEnvironment(service, deployment)) === null)
      return yield* new DeploymentFailed({ failure: variableMissing })
    yield* takeVolumeOver(deployment, service)
    yield* placeAll(deployment, service)
    for (const placement of yield* activePlacements(id)) yield* runPlacement(placement)
    yield* hit("workload-placed")
    const placedAt = performance.now()
    let seenAt: number | null = null
    // What has to stay up has its time for that on top.
    const deadlineSeconds = healthDeadlineSeconds + (deployment.port === null ? steadySeconds : 0)
    const look = Effect.gen(function* () {
      yield* loadWanted(id, "rolling-out")
      const instances = yield* instancesOf(id)
      const healthy = new Set(instances.filter((instance) => instance.healthy).map(({ slot }) => slot))
      if (healthy.size >= deployment.replicas) return true
      if (deployment.replicas > 1)
        yield* describeStep(
          id,
          "rolling-out",
          `${healthy.size} of ${deployment.replicas} instances are healthy`,
        )
      const ended = instances.find((instance) => instance.observed.state === "exited")
      if (ended !== undefined)
        return yield* new DeploymentFailed({ failure: exited(ended.observed, deployment.port) })
      const waiting = instances.find((instance) => !instance.healthy)
      if (waiting === undefined) {
        if (performance.now() - placedAt < placementSeconds * 1000) return null
        const [placement] = (yield* activePlacements(id)).filter(({ slot }) => !healthy.has(slot))
        const reason = placement === undefined ? "" : (yield* orchestrator.progress(placement.id)).reason
        return yield* new DeploymentFailed({ failure: notPlaced(reason, placementSeconds) })
      }
      seenAt ??= performance.now()
      if (performance.now() - seenAt < deadlineSeconds * 1000) return null
      return yield* new DeploymentFailed({
        failure: neverHealthy(waiting.observed, deployment.port, deployment.health_path, deadlineSeconds),
      })
    })
    yield* changes.until(look, (change) => change.deployment === id)
    yield* hit("healthy")
  })
