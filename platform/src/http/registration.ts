import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { register } from "../fleet/registration.ts"
import { orUnavailable } from "../store/Database.ts"
import { remoteAddressHeader } from "./webHandler.ts"

export const layerRegistration = HttpApiBuilder.group(
  Api,
  "registration",
  Effect.fn(function* (handlers) {
    return handlers.handle("register", ({ payload }) =>
      Effect.gen(function* () {
        const { headers } = yield* HttpServerRequest.HttpServerRequest
        return yield* register(payload, headers[remoteAddressHeader] ?? null)
      }).pipe(orUnavailable),
    )
  }),
)
