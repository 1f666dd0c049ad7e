import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"

export const registriesHandlers = (state: FakeState) =>
  HttpApiBuilder.group(Api, "registries", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.sync(() => state.registries),
        give: ({ payload }) =>
          Effect.sync(() => {
            const { registry, username, password } = payload
            state.requests.push(`registry ${registry} ${username} ${password}`)
            const given = {
              registry,
              username,
              createdBy: "ada@example.org",
              createdAt: "2026-11-26T10:00:00.000Z",
            }
            state.registries = [...state.registries.filter((one) => one.registry !== registry), given]
            return state.registries
          }),
        remove: ({ params }) =>
          Effect.suspend(() => {
            const left = state.registries.filter((one) => one.registry !== params.registry)
            if (left.length === state.registries.length)
              return new NotFound({ message: "There is no such credential.", next: "Name one of the list." })
            state.registries = left
            return Effect.succeed(left)
          }),
      }),
    ),
  )
