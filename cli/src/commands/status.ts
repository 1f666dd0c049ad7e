import { Effect } from "effect"
import { Command } from "effect/cli"
import * as flags from "../flags.ts"
import { connectToOrganization } from "../Platform.ts"
import { serviceStatus } from "../render/service.ts"
import { show } from "../show.ts"
import { waitingTime } from "../waiting.ts"
import { awaitLive, mustBeLive } from "../watch.ts"
import { name } from "./name.ts"

export const status = Command.make(
  "status",
  { name, wait: flags.wait, timeout: flags.timeout },
  Effect.fn(function* (given) {
    const atMost = yield* waitingTime(given.timeout)
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    const service = yield* place.client.services.get({ params })
    if (!given.wait || service.deployment === null) return yield* show(service, serviceStatus)
    const ended = yield* awaitLive(place, given.name, service.deployment.number, atMost)
    yield* show(ended.service, serviceStatus)
    yield* mustBeLive(ended.deployment)
  }),
).pipe(
  Command.withDescription(
    "Show a service: state, URL, configuration and running instances. With --wait, first follow its newest deployment to the end.",
  ),
  Command.withShortDescription("Show a service"),
)
