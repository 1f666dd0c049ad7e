import { buildsSource, type Deployment, isFinished } from "@skypanel/contract/Deployment"
import type { LogLine } from "@skypanel/contract/Log"
import { Effect } from "effect"
import { follow } from "./follow.ts"
import type { Client } from "./Platform.ts"

export interface DeploymentParams {
  readonly organization: string
  readonly service: string
  readonly number: number
}

/** Only these make a new image; all others deploy one that is there. */
export const builds = (deployment: Deployment): boolean => buildsSource(deployment.trigger)

const isBuilding = (deployment: Deployment): boolean =>
  deployment.status === "queued" || deployment.status === "building"

/** Each line of a deployment's build log once, in order, until the build has ended. */
export const followBuildLog = Effect.fnUntraced(function* <R>(
  client: Client,
  params: DeploymentParams,
  each: (line: LogLine) => Effect.Effect<void, never, R>,
) {
  let seen: number | null = null
  yield* follow({
    open: () => client.deployments.followLog({ params, query: seen === null ? {} : { after: seen } }),
    each: (line) =>
      Effect.suspend(() => {
        if (seen !== null && line.seq <= seen) return Effect.void
        seen = line.seq
        return each(line)
      }),
    ended: client.deployments
      .get({ params })
      .pipe(Effect.map((deployment) => isFinished(deployment.status) || !isBuilding(deployment))),
  })
})
