import { Api } from "@skypanel/contract/Api"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { awaitCheck, startCheck } from "../checks/checks.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

export const layerChecks = HttpApiBuilder.group(Api, "checks", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      start: ({ params, payload }) =>
        Effect.gen(function* () {
          const organization = yield* memberOf(params.organization)
          return yield* startCheck(organization, (yield* CurrentUser).id, payload)
        }).pipe(orUnavailable),
      get: ({ params, query }) =>
        Effect.gen(function* () {
          const organization = yield* memberOf(params.organization)
          const { id } = yield* CurrentUser
          return yield* awaitCheck(organization, id, params.check, query.wait ?? 0)
        }).pipe(orUnavailable),
    }),
  ),
)
