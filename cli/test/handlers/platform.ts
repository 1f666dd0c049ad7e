import { Api } from "@skypanel/contract/Api"
import type { Change } from "@skypanel/contract/api/shapes"
import { Unavailable } from "@skypanel/contract/Errors"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { session } from "../fixtures.ts"

export const sessionHandlers = HttpApiBuilder.group(Api, "session", (handlers) =>
  Effect.succeed(handlers.handleAll({ get: () => Effect.succeed(session) })),
)

export const eventsHandlers = HttpApiBuilder.group(Api, "events", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      follow: () =>
        Effect.succeed(
          Stream.tick("20 millis").pipe(
            Stream.map((): Change => ({ kind: "resync", service: null, deployment: null })),
          ),
        ),
    }),
  ),
)

/** Agents register; a command line never does. */
export const registrationHandlers = HttpApiBuilder.group(Api, "registration", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      register: () => Effect.fail(new Unavailable({ message: "No worker joins a fake.", next: "" })),
    }),
  ),
)
