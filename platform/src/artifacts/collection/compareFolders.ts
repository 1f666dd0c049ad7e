import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { databaseMadeMs } from "../../store/Migrations.ts"
import { NarFiles } from "../NarFiles.ts"
import { hit } from "./failpoint.ts"

/** A file without a row that is older was left by an upload that was cut off; a younger one may be about to get a row. */
const orphanMs = 24 * 3600_000

/** Deletes a file that no row knows. For as long no upload of the same file gets its row, and so its place. */
const deleteOrphan = (fileHash: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const files = yield* NarFiles
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        const placeholder = yield* sql`insert into nar (file_hash, file_size, nar_hash, nar_size)
          values (${fileHash}, 0, '', 0) on conflict do nothing returning file_hash`
        if (placeholder.length === 0) return false
        yield* files.remove(fileHash)
        yield* hit("orphan-deleted")
        yield* sql`delete from nar where file_hash = ${fileHash}`
        return true
      }),
    )
  })

/** Folders at a time: a bucket takes its time for each. */
const concurrency = 8

const compareFolder = Effect.fnUntraced(function* (prefix: string, now: number, madeMs: number) {
  const sql = yield* SqlClient.SqlClient
  const files = yield* NarFiles
  // The rows first: what is registered meanwhile has its file already.
  const rows = yield* sql<{ file_hash: string; damage: string | null }>`
    select file_hash, damage from nar where file_hash >= ${prefix} and file_hash < ${`${prefix}g`}`
  const found = yield* files.list(prefix)
  const known = new Set(rows.map((row) => row.file_hash))
  const done = { orphans: 0, damaged: 0, strange: 0 }
  for (const { fileHash, modifiedMs } of found) {
    if (known.has(fileHash) || now - modifiedMs <= orphanMs) continue
    if (modifiedMs <= madeMs) done.strange++
    else if (yield* deleteOrphan(fileHash)) done.orphans++
  }
  const there = new Set(found.map(({ fileHash }) => fileHash))
  for (const { file_hash, damage } of rows)
    if (there.has(file_hash) && damage === "missing")
      yield* sql`update nar set damage = null, damaged_at = null
        where file_hash = ${file_hash} and damage = 'missing'`
    else if (!there.has(file_hash) && damage === null && !(yield* files.has(file_hash))) {
      const noted = yield* sql`update nar set damage = 'missing', damaged_at = now()
        where file_hash = ${file_hash} and damage is null
          and exists (select from store_path p where p.file_hash = nar.file_hash) returning file_hash`
      done.damaged += noted.length
    }
  return done
})

/**
 * Compares the folders with the rows, a few folders at a time: files that no row knows go when they are old, and rows
 * whose file is not there are noted as damage, until it is there again. Those are never deleted: what refers to them has
 * to be told. Nor are files that are older than the database.
 */
export const compareFolders = (
  now: number,
  each: (orphans: number, damaged: number) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const madeMs = yield* databaseMadeMs
    const prefixes = Array.from({ length: 256 }, (_, folder) => folder.toString(16).padStart(2, "0"))
    let strange = 0
    const compare = (prefix: string) =>
      Effect.tap(compareFolder(prefix, now, madeMs), (done) => {
        strange += done.strange
        return each(done.orphans, done.damaged)
      })
    yield* Effect.forEach(prefixes, compare, { concurrency, discard: true })
    if (strange > 0)
      yield* Effect.logWarning(
        `${strange} files of the artifact store are older than the database, which does not know them: they stay`,
      )
  })
