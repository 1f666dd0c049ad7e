import { PgMigrator } from "@effect/sql-pg"
import { Effect, FileSystem, Path } from "effect"
import { Migrator, SqlClient } from "effect/sql"

const folder = new URL("../../../migrations", import.meta.url).pathname

/** `migrations/NNNN_name.sql`, each run once, all in one transaction. */
const fromSqlFolder = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files = yield* fs.readDirectory(folder)
  return files
    .flatMap((file): Array<Migrator.ResolvedMigration> => {
      const match = /^(\d+)_(.+)\.sql$/.exec(file)
      if (!match) return []
      const load = Effect.map(fs.readFileString(path.join(folder, file)), (text) =>
        // The client prepares every statement, and a prepared one cannot hold several: a DO block can.
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) =>
            sql.unsafe(`DO $migration$ BEGIN EXECUTE $statements$${text}$statements$; END $migration$`)
              .unprepared,
        ),
      )
      return [[Number(match[1]), match[2]!, load]]
    })
    .sort(([a], [b]) => a - b)
}).pipe(
  Effect.mapError(
    (cause) => new Migrator.MigrationError({ kind: "Failed", message: "cannot read migrations", cause }),
  ),
)

export const Migrations = PgMigrator.layer({ loader: fromSqlFolder, table: "skypanel_migrations" })
