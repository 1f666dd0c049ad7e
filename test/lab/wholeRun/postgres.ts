import { NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted } from "effect"
import { ensureDatabase, startPostgres } from "../../../dev/postgres.ts"

/** The database that each test gets a copy of: with our tables, and nothing in them. */
const template = "migrated"

const migrate = (url: string) =>
  Effect.promise(() => import("../../../platform/src/store/Migrations.ts")).pipe(
    Effect.flatMap(({ Migrations }) =>
      Effect.scoped(
        Layer.build(
          Migrations.pipe(
            Layer.provide(PgClient.layer({ url: Redacted.make(url) })),
            Layer.provide(NodeServices.layer),
          ),
        ),
      ),
    ),
  )

export const startSharedPostgres = Effect.fnUntraced(function* (directory: string) {
  const server = yield* startPostgres({ directory, durable: false })
  yield* ensureDatabase(server, template)
  yield* migrate(server.urlOf(template))
  return { url: server.urlOf("postgres"), template }
})
