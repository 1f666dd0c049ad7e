import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { NarFiles } from "../NarFiles.ts"
import { hit } from "./failpoint.ts"
import { patiently } from "./patiently.ts"

/** Few enough to be deleted within the 30 s that a transaction may stand idle for, also on a slow disk. */
const batch = 20
/** A bucket that answers late does so for all of them at once. */
const concurrency = 10

/**
 * Files that no store path refers to and nobody has wanted for long, and then their rows. A file's row is locked for as
 * long: an upload of the same file waits with putting its own in place. Cut off in between, the row is without a file,
 * which no builder is told is there, and goes the next time.
 */
export const deleteFiles = (cutoff: Date, each: (files: number, bytes: number) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const files = yield* NarFiles
    // Looked for once: for each batch anew would be to read everything as often as there are batches.
    const all = yield* patiently(sql<{ file_hash: string }>`
      select file_hash from nar n where wanted_at < ${cutoff}
        and not exists (select from store_path p where p.file_hash = n.file_hash) order by file_hash`)
    const deleteThese = (hashes: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const rows = yield* sql<{ file_hash: string }>`
          select file_hash from nar where file_hash in (select json_array_elements_text(${JSON.stringify(hashes)}::text::json))
          for update skip locked`
        const locked = JSON.stringify(rows.map((row) => row.file_hash))
        // Only now: a path that was registered before the lock was taken is seen, and none can be after.
        const free = yield* sql<{ file_hash: string; file_size: number }>`
          select file_hash, file_size::float8 from nar n
          where file_hash in (select json_array_elements_text(${locked}::text::json)) and wanted_at < ${cutoff}
            and not exists (select from store_path p where p.file_hash = n.file_hash)`
        const remove = ({ file_hash }: { readonly file_hash: string }) =>
          Effect.andThen(files.remove(file_hash), hit("file-deleted"))
        yield* Effect.forEach(free, remove, { concurrency, discard: true })
        const gone = JSON.stringify(free.map((row) => row.file_hash))
        yield* sql`delete from nar where file_hash in (select json_array_elements_text(${gone}::text::json))`
        return free
      })
    for (let at = 0; at < all.length; at += batch) {
      const hashes = all.slice(at, at + batch).map((row) => row.file_hash)
      const gone = yield* sql.withTransaction(deleteThese(hashes))
      yield* each(
        gone.length,
        gone.reduce((sum, row) => sum + row.file_size, 0),
      )
    }
  })
