import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"

export const expressionsHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "expressions", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.sync(() => state.expressions.map(({ version }) => version).toReversed()),
        get: ({ params }) => {
          const found = state.expressions.find(({ version }) => version.version === params.number)
          return found === undefined
            ? Effect.fail(new NotFound({ message: "There is no such version.", next: "" }))
            : Effect.succeed(found)
        },
      }),
    ),
  )
