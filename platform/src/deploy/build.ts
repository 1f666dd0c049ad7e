import type { DeploymentId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { noBuilder } from "../domain/failures.ts"
import { buildersNow } from "../store/BuildQueue.ts"
import { ensureBuild, loadBuild } from "../store/Builds.ts"
import { Changes } from "../store/Changes.ts"
import { describeStep, enterStep } from "../store/Deployments.ts"
import type { BuildRow } from "../store/rows.ts"
import { DeploymentFailed, loadWanted } from "./DeploymentFailed.ts"
import { hit } from "./failpoint.ts"

export const builderDeadlineMs = 120_000

/** Follows the builder's phases on the timeline: its upload is the first half of publishing. */
const showPhase = (id: DeploymentId, build: BuildRow) => {
  switch (build.phase) {
    case "waiting":
      return describeStep(id, "queued", build.queue_reason ?? "waiting for a builder")
    case "uploading":
      return enterStep(id, "publishing")
    default:
      return Effect.andThen(enterStep(id, "building"), describeStep(id, "building", build.phase))
  }
}

/**
 * Has the deployment's source built by a builder. The build is a row, so a platform that starts again finds it where
 * it was; builders know their builds by id and do not start one twice.
 */
export const build = (id: DeploymentId) =>
  Effect.gen(function* () {
    const changes = yield* Changes
    const { deployment } = yield* loadWanted(id, "queued")
    yield* hit("started")
    if (deployment.release_id !== null) return
    const { id: buildId } = yield* ensureBuild(deployment)
    let startedAt = performance.now()
    const look = Effect.gen(function* () {
      yield* loadWanted(id, "building")
      const build = yield* loadBuild(buildId)
      if (build === null) return null
      if (build.failure !== null) return yield* new DeploymentFailed({ failure: build.failure })
      if (build.finished_at !== null) {
        // One that was quick may be over before any of its phases was seen.
        yield* enterStep(id, "building")
        return build
      }
      yield* showPhase(id, build)
      if (build.worker_id !== null) yield* hit("build-assigned")
      // A long queue is no failure; nobody there to serve it is.
      if (build.worker_id !== null || (yield* buildersNow).length > 0) startedAt = performance.now()
      if (performance.now() - startedAt > builderDeadlineMs)
        return yield* new DeploymentFailed({ failure: noBuilder(builderDeadlineMs / 1000) })
      return null
    })
    yield* changes.until(
      look,
      (change) => change.build === buildId || change.table === "worker" || change.deployment === id,
    )
    yield* hit("built")
  })
