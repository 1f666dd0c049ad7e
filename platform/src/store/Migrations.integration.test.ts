import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Config, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { migrationsOf } from "./Migrations.ts"

const postgres = usePostgres()

it("may take longer than statements usually may", async () => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-migrations-"))
  writeFileSync(join(folder, "0001_slow.sql"), "create table done (); select pg_sleep(1.5);")
  const url = Redacted.make(await postgres().emptyDatabase())
  const database = PgClient.layerConfig({
    url: Config.succeed(url),
    startupParameters: Config.succeed({ statement_timeout: "1000" }),
  })
  const rows = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select * from done`).pipe(
    Effect.provide(
      migrationsOf(folder).pipe(Layer.provideMerge(database), Layer.provideMerge(NodeServices.layer)),
    ),
  )
  expect(await Effect.runPromise(rows)).toEqual([])
  rmSync(folder, { recursive: true })
})
