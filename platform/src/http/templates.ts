import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Templates } from "../templates/Templates.ts"

export const layerTemplates = HttpApiBuilder.group(
  Api,
  "templates",
  Effect.fn(function* (handlers) {
    const templates = yield* Templates
    return handlers.handle("list", () => templates.list)
  }),
)
