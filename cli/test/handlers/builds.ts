import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"

export const buildsHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "builds", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.sync(() => state.builds.filter(({ organization }) => organization === "acme")),
        listAll: () => Effect.sync(() => state.builds),
      }),
    ),
  )
