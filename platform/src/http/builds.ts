import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { listAllBuilds, listBuilds } from "../store/BuildViews.ts"
import { orUnavailable } from "../store/Database.ts"
import { administrator } from "./administrator.ts"
import { memberOf } from "./organization.ts"

export const layerBuilds = HttpApiBuilder.group(
  Api,
  "builds",
  Effect.fn(function* (handlers) {
    return handlers.handleAll({
      list: ({ params }) =>
        Effect.flatMap(memberOf(params.organization), ({ id }) => listBuilds(id)).pipe(orUnavailable),
      listAll: () => Effect.andThen(administrator, listAllBuilds).pipe(orUnavailable),
    })
  }),
)
