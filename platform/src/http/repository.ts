import { Api } from "@skypanel/contract/Api"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Member } from "../auth/Auth.ts"
import { findConnection } from "../connections/connection.ts"
import { forgetCredential, forgetHostKeys, giveToken, makeDeployKey } from "../connections/credentials.ts"
import { changeHook, deliveriesOf, makeHook, removeHook } from "../connections/hooks.ts"
import { changePoll } from "../connections/polling.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

/** Does it for a member of the organization, who is named where something is made. */
const asMember = <A, E, R>(
  slug: string,
  request: (organization: Member, user: string) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const organization = yield* memberOf(slug)
    const user = yield* CurrentUser
    return yield* request(organization, user.email)
  }).pipe(orUnavailable)

export const layerRepository = HttpApiBuilder.group(Api, "repository", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      get: ({ params }) =>
        asMember(params.organization, (organization) => findConnection(organization, params.service)),
      giveToken: ({ params, payload }) =>
        asMember(params.organization, (organization, user) =>
          giveToken(organization, user, params.service, payload),
        ),
      makeDeployKey: ({ params }) =>
        asMember(params.organization, (organization, user) =>
          makeDeployKey(organization, user, params.service),
        ),
      removeCredential: ({ params }) =>
        asMember(params.organization, (organization) => forgetCredential(organization, params.service)),
      forgetHostKeys: ({ params }) =>
        asMember(params.organization, (organization) => forgetHostKeys(organization, params.service)),
      makeHook: ({ params }) =>
        asMember(params.organization, (organization, user) => makeHook(organization, user, params.service)),
      changeHook: ({ params, payload }) =>
        asMember(params.organization, (organization) => changeHook(organization, params.service, payload)),
      removeHook: ({ params }) =>
        asMember(params.organization, (organization) => removeHook(organization, params.service)),
      changePoll: ({ params, payload }) =>
        asMember(params.organization, (organization) => changePoll(organization, params.service, payload)),
      deliveries: ({ params }) =>
        asMember(params.organization, (organization) => deliveriesOf(organization, params.service)),
    }),
  ),
)
