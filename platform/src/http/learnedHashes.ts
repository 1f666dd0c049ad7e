import { Api } from "@skypanel/contract/Api"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { forgetLearnedHash, learnedHashesOf } from "../deploy/requests/learnedHashes.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

export const layerLearnedHashes = HttpApiBuilder.group(Api, "learnedHashes", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      list: ({ params }) =>
        Effect.flatMap(memberOf(params.organization), (organization) =>
          learnedHashesOf(organization, params.service),
        ).pipe(orUnavailable),
      forget: ({ params }) =>
        Effect.gen(function* () {
          const organization = yield* memberOf(params.organization)
          const user = yield* CurrentUser
          return yield* forgetLearnedHash(organization, user.email, params.service, params.lock)
        }).pipe(orUnavailable),
    }),
  ),
)
