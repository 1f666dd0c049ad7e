import { type Deployment, isFinished } from "@skypanel/contract/Deployment"
import type { Service } from "@skypanel/contract/Service"
import { Duration, Effect, Fiber } from "effect"
import { builds, type DeploymentParams, followBuildLog } from "./buildLog.ts"
import { DeploymentNotLive } from "./Failure.ts"
import { whileAway } from "./follow.ts"
import { changesOf, lookUntil } from "./lookUntil.ts"
import type { Client, Place } from "./Platform.ts"
import { outcomeLines, stepChanges } from "./render/deployment.ts"
import { buildLogLine } from "./render/log.ts"
import { Screen } from "./Screen.ts"
import { waitFor } from "./waiting.ts"

/** What is left of the build log may come a little after the build's end. */
const logTail = Duration.seconds(5)

/** Shows steps and build log of a deployment on standard error until it has ended. */
const watch = Effect.fnUntraced(function* (client: Client, params: DeploymentParams) {
  const screen = yield* Screen
  const scope = yield* Effect.scope
  let before: Deployment | null = null
  let log: Fiber.Fiber<unknown> | null = null
  let logShown = false
  const look = Effect.gen(function* () {
    const now = yield* client.deployments.get({ params })
    const building = now.steps.find((step) => step.name === "building")?.state
    // A build may begin and end between two looks; its log is read from the first line in any case.
    if (
      builds(now) &&
      log === null &&
      building !== undefined &&
      building !== "pending" &&
      building !== "skipped"
    )
      log = yield* Effect.forkIn(
        followBuildLog(client, params, (line) => screen.note(buildLogLine(line, screen.err))).pipe(
          Effect.ignore,
        ),
        scope,
      )
    if (log !== null && !logShown && building !== "running") {
      yield* Fiber.await(log).pipe(Effect.timeoutOption(logTail))
      yield* Fiber.interrupt(log)
      logShown = true
    }
    yield* screen.note(stepChanges(before, now, screen.err))
    before = now
    return isFinished(now.status) ? now : null
  })
  const ended = yield* lookUntil(changesOf(client, params.organization), look)
  yield* screen.note(outcomeLines(ended, screen.err))
  return ended
}, Effect.scoped)

/**
 * Waits for a deployment, showing how it goes. Succeeds with the service when the deployment is live. Whatever ends
 * the waiting early leaves the deployment going.
 */
export const awaitLive = Effect.fnUntraced(function* (
  { client, organization }: Place,
  service: string,
  number: number,
  atMost: Duration.Duration,
) {
  const deployment = yield* watch(client, { organization, service, number }).pipe(
    waitFor({
      atMost,
      notYet: "Not live",
      goesOn: `Deployment ${number} of ${service} goes on. See it: skypanel status ${service}; stop it: skypanel cancel ${service} ${number}`,
    }),
  )
  const now = yield* whileAway(client.services.get({ params: { organization, service } }))
  return { service: now, deployment }
})

/** Fails when it is not live; what went wrong is on the screen already. */
export const mustBeLive = (deployment: Deployment) =>
  deployment.status === "live"
    ? Effect.void
    : Effect.fail(
        new DeploymentNotLive({
          message: `Deployment ${deployment.number} ${deployment.status === "canceled" ? "was canceled" : "failed"}.`,
          next: "",
        }),
      )

/** Waits until the service is as `wanted` says; null stands for a service that is gone. */
export const awaitService = Effect.fnUntraced(function* (
  { client, organization }: Place,
  service: string,
  atMost: Duration.Duration,
  wanted: (service: Service | null) => boolean,
) {
  const look = client.services.get({ params: { organization, service } }).pipe(
    Effect.map((now): { readonly now: Service | null } => ({ now })),
    Effect.catchTag("NotFound", () => Effect.succeed({ now: null })),
    Effect.map((found) => (wanted(found.now) ? found : null)),
  )
  const found = yield* lookUntil(changesOf(client, organization), look).pipe(
    waitFor({ atMost, notYet: "Not done", goesOn: `It goes on. See it: skypanel status ${service}` }),
  )
  return found.now
})
