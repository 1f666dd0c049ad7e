import { type Deployment, isFinished } from "@skypanel/contract/Deployment"
import type { Service } from "@skypanel/contract/Service"
import { Duration, Effect, Fiber, Queue, Stream } from "effect"
import { builds, type DeploymentParams, followBuildLog } from "./buildLog.ts"
import { BadInput, DeploymentNotLive, StillGoing } from "./Failure.ts"
import { follow, whileAway } from "./follow.ts"
import type { Client, Place } from "./Platform.ts"
import { outcomeLines, stepChanges } from "./render/deployment.ts"
import { buildLogLine } from "./render/log.ts"
import { parseDuration } from "./render/time.ts"
import { Screen } from "./Screen.ts"

/** Changes are told by the platform; this is for one that got lost. */
const lookAgain = Duration.seconds(2)

/** What is left of the build log may come a little after the build's end. */
const logTail = Duration.seconds(5)

/** Reads `--timeout`. */
export const waitingTime = (text: string) => {
  const ms = parseDuration(text)
  return ms === null || ms === 0
    ? Effect.fail(
        new BadInput({
          message: "One value cannot be used.",
          next: "Correct that and try again.",
          issues: [{ path: "--timeout", message: "write a time such as 90s, 10m or 1h" }],
        }),
      )
    : Effect.succeed(Duration.millis(ms))
}

/** Calls `look` now, at each change in the organization and every two seconds, until it gives something. */
const lookUntil = <A, E, R>(client: Client, organization: string, look: Effect.Effect<A | null, E, R>) =>
  Effect.gen(function* () {
    const bell = yield* Queue.sliding<void>(1)
    const ring = Queue.offer(bell, undefined).pipe(Effect.asVoid)
    yield* Effect.forkScoped(
      follow({
        open: () => client.events.follow({ params: { organization } }),
        each: () => ring,
        ended: Effect.succeed(false),
      }).pipe(Effect.ignore),
    )
    yield* Effect.forkScoped(Stream.tick(lookAgain).pipe(Stream.runForEach(() => ring)))
    while (true) {
      const found = yield* whileAway(look)
      if (found !== null) return found
      yield* Queue.take(bell)
    }
  }).pipe(Effect.scoped)

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
  const ended = yield* lookUntil(client, params.organization, look)
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
  const screen = yield* Screen
  const goesOn = `Deployment ${number} of ${service} goes on. See it: skypanel status ${service}; stop it: skypanel cancel ${service} ${number}`
  const deployment = yield* watch(client, { organization, service, number }).pipe(
    Effect.timeoutOrElse({
      duration: atMost,
      orElse: () =>
        Effect.fail(new StillGoing({ message: `Not live after ${Duration.format(atMost)}.`, next: goesOn })),
    }),
    Effect.onInterrupt(() => screen.note(`\n${goesOn}`)),
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
  const found = yield* lookUntil(client, organization, look).pipe(
    Effect.timeoutOrElse({
      duration: atMost,
      orElse: () =>
        Effect.fail(
          new StillGoing({
            message: `Not done after ${Duration.format(atMost)}.`,
            next: `It goes on. See it: skypanel status ${service}`,
          }),
        ),
    }),
  )
  return found.now
})
