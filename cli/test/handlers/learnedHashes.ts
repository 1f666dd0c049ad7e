import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"

export const learnedHashesHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "learnedHashes", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: ({ params }) => Effect.as(state.held(params.service), state.learned),
        forget: ({ params }) =>
          Effect.sync(() => {
            state.requests.push(`forget ${params.lock}`)
            state.learned = state.learned.filter(({ lock }) => lock !== params.lock)
            return state.learned
          }),
      }),
    ),
  )
