import { PgMigrator } from "@effect/sql-pg"
import { Effect, FileSystem, Path } from "effect"
import { Migrator, SqlClient } from "effect/sql"

/** `NNNN_name.sql`, each run once, all in one transaction. */
const fromSqlFolder = Effect.fnUntraced(
  function* (folder: string) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const files = yield* fs.readDirectory(folder)
    return files
      .flatMap((file): Array<Migrator.ResolvedMigration> => {
        const match = /^(\d+)_(.+)\.sql$/.exec(file)
        if (!match) return []
        const load = Effect.map(fs.readFileString(path.join(folder, file)), (text) =>
          // The client prepares every statement, and a prepared one cannot hold several: a DO block can.
          Effect.flatMap(SqlClient.SqlClient, (sql) =>
            Effect.andThen(
              // A large table takes longer to be rewritten than a statement usually may.
              sql`set local statement_timeout = 0`,
              sql.unsafe(`DO $migration$ BEGIN EXECUTE $statements$${text}$statements$; END $migration$`)
                .unprepared,
            ),
          ),
        )
        return [[Number(match[1]), match[2]!, load]]
      })
      .sort(([a], [b]) => a - b)
  },
  Effect.mapError(
    (cause) => new Migrator.MigrationError({ kind: "Failed", message: "cannot read migrations", cause }),
  ),
)

export const migrationsOf = (folder: string) =>
  PgMigrator.layer({ loader: fromSqlFolder(folder), table: "skypanel_migrations" })

export const Migrations = migrationsOf(new URL("../../../migrations", import.meta.url).pathname)

/**
 * When this database was first migrated, in milliseconds of Unix time; a restored dump keeps it. A file of the data
 * folder that is older and has no row is of another database: this one is the wrong one, or has yet to be restored.
 */
export const databaseMadeMs = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ at: Date }>`select min(created_at) as at from skypanel_migrations`
  return row!.at.getTime()
})
