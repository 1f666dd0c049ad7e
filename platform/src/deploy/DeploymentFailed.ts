import { DeploymentFailure, type StepName } from "@skypanel/contract/Deployment"
import type { DeploymentId } from "@skypanel/contract/Id"
import { Effect, Schema } from "effect"
import { canceled } from "../domain/failures.ts"
import { loadDeployment } from "../store/Deployments.ts"

/** Ends a deployment, for a reason that its owner reads. */
export class DeploymentFailed extends Schema.TaggedError<DeploymentFailed>()("DeploymentFailed", {
  failure: DeploymentFailure,
}) {}

/** The deployment with its service, unless it shall end: somebody canceled it, or a newer one came. */
export const loadWanted = (id: DeploymentId, step: StepName) =>
  Effect.gen(function* () {
    const found = yield* loadDeployment(id)
    if (found === null || found.service.wish === "deleted")
      return yield* new DeploymentFailed({ failure: canceled(step, "The service was deleted.") })
    if (found.deployment.cancel_reason !== null)
      return yield* new DeploymentFailed({ failure: canceled(step, found.deployment.cancel_reason) })
    return found
  })
