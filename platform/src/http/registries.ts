import { Api } from "@skypanel/contract/Api"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { forgetRegistry, giveRegistry, registriesOf } from "../connections/registries.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

export const layerRegistries = HttpApiBuilder.group(Api, "registries", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      list: ({ params }) => Effect.flatMap(memberOf(params.organization), registriesOf).pipe(orUnavailable),
      give: ({ params, payload }) =>
        Effect.gen(function* () {
          const organization = yield* memberOf(params.organization)
          const user = yield* CurrentUser
          return yield* giveRegistry(organization, user.email, payload)
        }).pipe(orUnavailable),
      remove: ({ params }) =>
        Effect.flatMap(memberOf(params.organization), (organization) =>
          forgetRegistry(organization, params.registry),
        ).pipe(orUnavailable),
    }),
  ),
)
