import { DeploymentReceipt, type StepName, stepNames } from "@skypanel/contract/Deployment"
import { DeploymentId } from "@skypanel/contract/Id"
import { Cause, Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Activity, Workflow } from "effect/workflow"
import { canceled, internal } from "../domain/failures.ts"
import { Orchestrator } from "../orchestrator/Orchestrator.ts"
import { finishFailed, finishLive, loadDeployment } from "../store/Deployments.ts"
import { activePlacements, endPlacement } from "../store/Placements.ts"
import { watchRelease } from "../store/ReleaseWatches.ts"
import { build } from "./build.ts"
import { tellFailedBuild } from "./buildNews.ts"
import { DeploymentFailed } from "./DeploymentFailed.ts"
import { hit } from "./failpoint.ts"
import { outage, passes } from "./outage.ts"
import { publish } from "./publish.ts"
import { rollOut } from "./rollOut.ts"
import { returnTraffic, verify } from "./verify.ts"

/**
 * One deployment from its row to its end. The engine stores each activity's result in PostgreSQL and goes on after
 * a crash with the first one that has none; so each may run twice and is written for that. The version in the name
 * changes whenever activities are renamed or reordered.
 */
export const Deploy = Workflow.make("Deploy/v1", {
  payload: { deploymentId: DeploymentId },
  idempotencyKey: ({ deploymentId }) => deploymentId,
})

const step = <A, E, R>(name: string, shown: StepName, effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    Effect.retry({ schedule: outage, while: passes }),
    Effect.catchCause((cause) => {
      if (Cause.hasInterrupts(cause)) return Effect.failCause(cause as Cause.Cause<never>)
      const error = Cause.squash(cause)
      if (error instanceof DeploymentFailed) return Effect.fail(error)
      return Effect.logError(`deployment step ${name}`, cause).pipe(
        Effect.andThen(
          new DeploymentFailed({ failure: internal(shown, "The details are in the platform's log.") }),
        ),
      )
    }),
  )

const { seconds: _, unchanged: __, ...published } = DeploymentReceipt.fields
const PublishedImage = Schema.NullOr(Schema.Struct(published))
const Published = Schema.Union([PublishedImage, Schema.Literal("unchanged")])

const makeLive = (id: DeploymentId, published: typeof PublishedImage.Type) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const found = yield* loadDeployment(id)
    if (found === null) return
    const { deployment } = found
    const serves = yield* sql`update service set current_release_id = ${deployment.release_id}
      where id = ${deployment.service_id} and live_deployment_id = ${id} returning id`
    // Stopped, deleted or overtaken since the endpoint answered.
    if (serves.length === 0)
      return yield* new DeploymentFailed({
        failure: canceled("verifying", deployment.cancel_reason ?? "The service changed meanwhile."),
      })
    yield* watchRelease(id)
    yield* finishLive(id, {
      seconds: (Date.now() - deployment.created_at.getTime()) / 1000,
      ...(published ?? { imageBytes: 0, layers: 0, newBytes: 0, newLayers: 0 }),
    })
    yield* hit("live")
  })

/** The release before goes on serving; of the failed one nothing stays but its record. */
const giveUp = (id: DeploymentId, failed: DeploymentFailed) =>
  Effect.gen(function* () {
    const orchestrator = yield* Orchestrator
    const found = yield* loadDeployment(id)
    if (found !== null) yield* returnTraffic(found.deployment)
    // The step that people saw running is the one that failed, whoever noticed.
    const step = stepNames.find((name) => name === found?.deployment.status) ?? failed.failure.step
    const failure = { ...failed.failure, step }
    const sql = yield* SqlClient.SqlClient
    const end = Effect.gen(function* () {
      if (yield* finishFailed(id, failure)) yield* tellFailedBuild(id, failure)
    })
    yield* sql.withTransaction(end)
    for (const placement of yield* activePlacements(id)) {
      yield* endPlacement(placement.id)
      yield* orchestrator.remove(placement.id)
    }
  })

const run = Effect.fn("Deploy")(
  function* ({ deploymentId: id }: { readonly deploymentId: DeploymentId }) {
    const error = DeploymentFailed
    yield* Activity.make({ name: "build", error, execute: step("build", "building", build(id)) })
    const published = yield* Activity.make({
      name: "publish",
      success: Published,
      error,
      execute: step("publish", "publishing", publish(id)),
    })
    if (published === "unchanged") return
    yield* Activity.make({ name: "rollOut", error, execute: step("rollOut", "rolling-out", rollOut(id)) })
    yield* Activity.make({ name: "verify", error, execute: step("verify", "verifying", verify(id)) })
    yield* Activity.make({
      name: "makeLive",
      error,
      execute: step("makeLive", "verifying", makeLive(id, published)),
    })
  },
  (effect, { deploymentId: id }) =>
    effect.pipe(
      Effect.catchTag("DeploymentFailed", (failed) =>
        Activity.make({
          name: "giveUp",
          execute: giveUp(id, failed).pipe(
            Effect.retry(outage),
            Effect.catchCause((cause) => Effect.logError("cannot give up", cause)),
          ),
        }),
      ),
    ),
)

export const layerDeploy = Deploy.toLayer(run)
