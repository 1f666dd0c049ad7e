import type { DeploymentId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { Deploy } from "../Deploy.ts"

/** Starts the workflow once the rows are committed; if that is cut off, the reconciler does it. */
export const startDeployment = <A extends { readonly id: DeploymentId; readonly number: number }>(
  deployment: A,
) => Effect.as(Deploy.execute({ deploymentId: deployment.id }, { discard: true }), deployment)
