import { Api } from "@skypanel/contract/Api"
import type { Check } from "@skypanel/contract/Check"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"

const id = "chk_000000000000000000000000" as Check["id"]

/** Every check waits once, and then ends as the test says. */
export const checksHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "checks", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        start: ({ payload }) =>
          Effect.sync((): Check => {
            state.requests.push(`check ${JSON.stringify(payload)}`)
            return { id, state: "waiting", diagnostics: [], plan: null }
          }),
        get: () =>
          Effect.sync((): Check => ({ id, state: "done", diagnostics: [], plan: null, ...state.checked })),
      }),
    ),
  )
