import { Api } from "@skypanel/contract/Api"
import type { UserId } from "@skypanel/contract/Id"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Member } from "../auth/Auth.ts"
import { awaitPrepared, discardPrepared, prepareCredential, tryPrepared } from "../connections/prepared.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

const asMember = <A, E, R>(
  slug: string,
  request: (organization: Member, user: UserId) => Effect.Effect<A, E, R>,
) =>
  Effect.gen(function* () {
    const organization = yield* memberOf(slug)
    return yield* request(organization, (yield* CurrentUser).id)
  }).pipe(orUnavailable)

export const layerPreparedCredentials = HttpApiBuilder.group(Api, "preparedCredentials", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      prepare: ({ params, payload }) =>
        asMember(params.organization, (organization, user) => prepareCredential(organization, user, payload)),
      get: ({ params, query }) =>
        asMember(params.organization, (organization, user) =>
          awaitPrepared(organization, user, params.credential, query.wait ?? 0),
        ),
      try: ({ params }) =>
        asMember(params.organization, (organization, user) =>
          tryPrepared(organization, user, params.credential),
        ),
      discard: ({ params }) =>
        asMember(params.organization, (organization, user) =>
          discardPrepared(organization, user, params.credential),
        ),
    }),
  ),
)
