import { PgClient } from "@effect/sql-pg"
import { Unavailable } from "@skypanel/contract/Errors"
import { Config, Effect, Layer, Redacted } from "effect"
import type { SqlError } from "effect/sql"
import { PlatformConfig } from "../config.ts"

/** PostgreSQL. Statements end after 15 s, and a transaction that a dead client left open after 30 s. */
export const Database = Layer.unwrap(
  Effect.gen(function* () {
    const { databaseUrl } = yield* PlatformConfig
    return PgClient.layerConfig({
      url: Config.succeed(Redacted.make(Redacted.value(databaseUrl))),
      maxConnections: Config.succeed(20),
      transformJson: Config.succeed(false),
      startupParameters: Config.succeed({
        application_name: "skypanel",
        statement_timeout: "15000",
        idle_in_transaction_session_timeout: "30000",
      }),
    })
  }),
)

/**
 * What a request answers when the database does not: the details are for the log, not for the person asking.
 */
export const orUnavailable = <A, E, R>(
  effect: Effect.Effect<A, E | SqlError.SqlError, R>,
): Effect.Effect<A, Exclude<E, SqlError.SqlError> | Unavailable, R> =>
  effect.pipe(
    Effect.catchTag("SqlError" as never, (error: SqlError.SqlError) =>
      Effect.logError("database", error).pipe(
        Effect.andThen(
          new Unavailable({
            message: "The database did not answer.",
            next: "Try again in a few seconds.",
          }),
        ),
      ),
    ),
  ) as Effect.Effect<A, Exclude<E, SqlError.SqlError> | Unavailable, R>
