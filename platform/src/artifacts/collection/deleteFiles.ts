import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { NarFiles } from "../NarFiles.ts"
import { hit } from "./failpoint.ts"

const batch = 200

/**
 * Files that no store path refers to and nobody has wanted for long, and then their rows. A file's row is locked for as
 * long: an upload of the same file waits with putting its own in place. Cut off in between, the row is without a file,
 * which no builder is told is there, and goes the next time.
 */
export const deleteFiles = (cutoff: Date, each: (files: number, bytes: number) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const files = yield* NarFiles
    let after = ""
    for (;;) {
      const one = sql.withTransaction(
        Effect.gen(function* () {
          const locked = yield* sql<{ file_hash: string }>`
            select file_hash from nar n where file_hash > ${after} and wanted_at < ${cutoff}
              and not exists (select from store_path p where p.file_hash = n.file_hash)
            order by file_hash limit ${batch} for update skip locked`
          // Only now: a path that was registered before the lock was taken is seen, and none can be after.
          const free = yield* sql<{ file_hash: string; file_size: number }>`
            select file_hash, file_size::float8 from nar n
            where file_hash in (select json_array_elements_text(${JSON.stringify(
              locked.map((row) => row.file_hash),
            )}::text::json)) and not exists (select from store_path p where p.file_hash = n.file_hash)`
          for (const { file_hash } of free) {
            yield* files.remove(file_hash)
            yield* hit("file-deleted")
          }
          yield* sql`delete from nar where file_hash in (select json_array_elements_text(${JSON.stringify(
            free.map((row) => row.file_hash),
          )}::text::json))`
          const bytes = free.reduce((sum, row) => sum + row.file_size, 0)
          return { free: free.length, bytes, last: locked.length < batch ? null : locked.at(-1)!.file_hash }
        }),
      )
      const { free, bytes, last }: { free: number; bytes: number; last: string | null } = yield* one
      yield* each(free, bytes)
      if (last === null) return
      after = last
    }
  })
