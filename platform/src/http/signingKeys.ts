import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { SigningKeys } from "../artifacts/SigningKeys.ts"
import { publicSigningKey } from "../domain/artifacts/provenance.ts"

export const layerSigningKeys = HttpApiBuilder.group(
  Api,
  "signingKeys",
  Effect.fn(function* (handlers) {
    const keys = yield* SigningKeys
    return handlers.handle("list", () => Effect.sync(() => keys.live().map(publicSigningKey)))
  }),
)
