import { Api } from "@skypanel/contract/Api"
import { Forbidden } from "@skypanel/contract/Errors"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { orUnavailable } from "../store/Database.ts"
import { listWorkers } from "../store/Workers.ts"

export const layerWorkers = HttpApiBuilder.group(
  Api,
  "workers",
  Effect.fn(function* (handlers) {
    return handlers.handle("list", () =>
      Effect.gen(function* () {
        const user = yield* CurrentUser
        if (!user.administrator)
          return yield* new Forbidden({
            message: "Workers are for administrators of the platform.",
            next: "Ask one of them.",
          })
        return yield* listWorkers
      }).pipe(orUnavailable),
    )
  }),
)
