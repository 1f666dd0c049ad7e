import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { orUnavailable } from "../store/Database.ts"
import { findExpression, listExpressions } from "../store/Expressions.ts"
import { serviceOf } from "./organization.ts"

export const layerExpressions = HttpApiBuilder.group(Api, "expressions", (handlers) =>
  Effect.succeed(
    handlers.handleAll({
      list: ({ params }) =>
        Effect.gen(function* () {
          const { organization, service } = yield* serviceOf(params.organization, params.service)
          return yield* listExpressions(organization.id, service.id)
        }).pipe(orUnavailable),
      get: ({ params }) =>
        Effect.gen(function* () {
          const { organization, service } = yield* serviceOf(params.organization, params.service)
          const found = yield* findExpression(organization.id, service.id, params.number)
          if (found === null)
            return yield* new NotFound({
              message: `"${params.service}" has no version ${params.number} of its expression.`,
              next: "The list of versions shows which there are.",
            })
          return found
        }).pipe(orUnavailable),
    }),
  ),
)
