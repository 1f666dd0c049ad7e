import { Api } from "@skypanel/contract/Api"
import { Unavailable } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { SqlClient } from "effect/sql"
import type { StorageFailed } from "../artifacts/errors.ts"
import { SigningKeys } from "../artifacts/SigningKeys.ts"
import { audit } from "../store/Audit.ts"
import { orUnavailable } from "../store/Database.ts"
import { administrator } from "./administrator.ts"

const unreadable = (error: StorageFailed) =>
  Effect.andThen(
    Effect.logError("the keys of the binary cache", error),
    Effect.fail(
      new Unavailable({
        message: "The keys of the binary cache cannot be read or written.",
        next: "Look at the platform's own log.",
      }),
    ),
  )

export const layerCacheKeys = HttpApiBuilder.group(
  Api,
  "cacheKeys",
  Effect.fn(function* (handlers) {
    const keys = yield* SigningKeys
    const sql = yield* SqlClient.SqlClient
    const refreshed = Effect.andThen(keys.refresh, keys.list)
    return handlers.handleAll({
      list: () =>
        Effect.andThen(administrator, keys.list).pipe(
          Effect.catchTag("StorageFailed", unreadable),
          orUnavailable,
        ),
      rotate: () =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          yield* sql.withTransaction(
            Effect.flatMap(keys.rotate, ({ name, publicText }) =>
              audit({
                actor: email,
                action: "cache.key-made",
                text: `${name} signs what is in the binary cache.`,
                detail: { publicKey: publicText },
              }),
            ),
          )
          return yield* refreshed
        }).pipe(Effect.catchTag("StorageFailed", unreadable), orUnavailable),
      retire: ({ params }) =>
        Effect.gen(function* () {
          const { email } = yield* administrator
          yield* sql.withTransaction(
            Effect.andThen(
              keys.retire(params.name),
              audit({
                actor: email,
                action: "cache.key-retired",
                tone: "warn",
                text: `${params.name} signs nothing in the binary cache any more.`,
              }),
            ),
          )
          return yield* refreshed
        }).pipe(Effect.catchTag("StorageFailed", unreadable), orUnavailable),
    })
  }),
)
