import type { Started } from "@skypanel/contract/api/shapes"
import { withoutPort } from "@skypanel/contract/Service"
import { Effect } from "effect"
import type { Place } from "./Platform.ts"
import { oneLine } from "./render/text.ts"
import { Screen } from "./Screen.ts"
import { show } from "./show.ts"
import { type Waiting, waitingTime } from "./waiting.ts"
import { awaitLive, mustBeLive } from "./watch.ts"

/**
 * Tells of a deployment that a request starts. With `--wait` it ends with it: the service's URL, if it has one, is the
 * last line of standard output when it is live.
 */
export const showStarted = <E, R>(place: Place, request: Effect.Effect<Started, E, R>, waiting: Waiting) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const atMost = yield* waitingTime(waiting.timeout)
    const started = yield* request
    const { name } = started.service
    const { number } = started.deployment
    if (!waiting.wait)
      return yield* show(started, () => [
        `Deployment ${number} of ${name} has started.`,
        started.service.url === null
          ? `It ${withoutPort}`
          : `It will answer at ${oneLine(started.service.url)}`,
        `See how it goes: skypanel status ${name} --wait`,
      ])
    yield* screen.note(screen.err.bold(`Deployment ${number} of ${name}`))
    const ended = yield* awaitLive(place, name, number, atMost)
    const { url } = ended.service
    const isLive = ended.deployment.status === "live"
    if (isLive && url === null) yield* screen.note(`${name} ${withoutPort}`)
    yield* show(ended, () => (isLive && url !== null ? oneLine(url) : []))
    yield* mustBeLive(ended.deployment)
  })
