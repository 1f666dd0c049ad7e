import type { Started } from "@skypanel/contract/api/shapes"
import { Effect } from "effect"
import { Command } from "effect/cli"
import * as flags from "../flags.ts"
import { type Client, connectToOrganization } from "../Platform.ts"
import { show } from "../show.ts"
import { showStarted } from "../started.ts"
import { waitingTime } from "../waiting.ts"
import { awaitService } from "../watch.ts"
import { name } from "./name.ts"

interface Params {
  readonly params: { readonly organization: string; readonly service: string }
}

/** A command that starts a deployment of a service that exists. */
const starting = <const Name extends string, E>(
  verb: Name,
  description: string,
  request: (client: Client, params: Params) => Effect.Effect<Started, E>,
) =>
  Command.make(
    verb,
    { name, wait: flags.wait, timeout: flags.timeout },
    Effect.fn(function* (given) {
      const place = yield* connectToOrganization
      const params = { params: { organization: place.organization, service: given.name } }
      yield* showStarted(place, request(place.client, params), given)
    }),
  ).pipe(Command.withDescription(description))

export const start = starting(
  "start",
  "Start a stopped service again, with the release it had",
  (client, params) => client.services.start(params),
)

export const restart = starting(
  "restart",
  "Replace the running instances by new ones of the same release; no request is lost",
  (client, params) => client.services.restart(params),
)

export const redeploy = starting(
  "redeploy",
  "Build the source again, at its newest revision, and deploy what comes out",
  (client, params) => client.services.redeploy(params),
)

export const stop = Command.make(
  "stop",
  { name, wait: flags.wait, timeout: flags.timeout },
  Effect.fn(function* (given) {
    const atMost = yield* waitingTime(given.timeout)
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    const asked = yield* place.client.services.stop({ params })
    if (!given.wait) return yield* show(asked, () => `${given.name} stops.`)
    const service = yield* awaitService(
      place,
      given.name,
      atMost,
      (service) => service === null || (service.state === "stopped" && service.instances.length === 0),
    )
    yield* show(service, () => `${given.name} is stopped.`)
  }),
).pipe(Command.withDescription("Stop a service; it keeps its releases and its name"))
