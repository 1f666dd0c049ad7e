import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { changeImagePolicy, checkImage, imageCheckAfter } from "../connections/imageChecks.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

export const layerImage = HttpApiBuilder.group(Api, "image", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      get: ({ params, query }) =>
        Effect.flatMap(memberOf(params.organization), (organization) =>
          imageCheckAfter(organization, params.service, query.wait ?? 0),
        ).pipe(orUnavailable),
      check: ({ params }) =>
        Effect.flatMap(memberOf(params.organization), (organization) =>
          checkImage(organization, params.service),
        ).pipe(orUnavailable),
      changePolicy: ({ params, payload }) =>
        Effect.flatMap(memberOf(params.organization), (organization) =>
          changeImagePolicy(organization, params.service, payload),
        ).pipe(orUnavailable),
    }),
  ),
)
