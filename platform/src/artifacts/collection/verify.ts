import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { NarFiles } from "../NarFiles.ts"
import type { Report } from "./collect.ts"

const batch = 100

/** What a look at a file finds; null when it is what it was. */
const examine = (row: { readonly file_hash: string; readonly file_size: number }) =>
  Effect.gen(function* () {
    const found = yield* (yield* NarFiles).examine(row.file_hash)
    if (found === null) return { size: 0, damage: "missing" } as const
    const same = found.hash === row.file_hash && found.size === row.file_size
    return { size: found.size, damage: same ? null : "changed" } as const
  })

/** Notes what was found; true when it is news. What nothing refers to is no damage: it goes with the next collection. */
const note = (fileHash: string, damage: "missing" | "changed" | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const noted =
      yield* sql`update nar set damage = ${damage}, damaged_at = ${damage === null ? null : sql`now()`}
      where file_hash = ${fileHash} and damage is distinct from ${damage}
        and exists (select from store_path p where p.file_hash = nar.file_hash) returning file_hash`
    return noted.length > 0 && damage !== null
  })

/**
 * Reads every file and compares it with its row: a file's name is the hash of what it was when it was taken in, and
 * then its NAR was found right. No more than so many bytes a second are read, so that nobody else waits for the disk.
 */
export const verify = (bytesPerSecond: number, report: Report) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const startedAt = yield* Clock.currentTimeMillis
    let read = 0
    for (let after = ""; ; ) {
      const rows = yield* sql<{ file_hash: string; file_size: number }>`
        select file_hash, file_size::float8 from nar where file_hash > ${after} order by file_hash limit ${batch}`
      for (const row of rows) {
        const { size, damage } = yield* examine(row)
        const news = yield* note(row.file_hash, damage)
        read += size
        yield* report({ filesRead: 1, bytesRead: size, damaged: news ? 1 : 0 })
        const due = startedAt + (read / bytesPerSecond) * 1000
        yield* Effect.sleep(Math.max(0, due - (yield* Clock.currentTimeMillis)))
      }
      if (rows.length < batch) return
      after = rows.at(-1)!.file_hash
    }
  })

/**
 * Looks at each damaged file again, and removes what is still not right: then the cache answers for it no more, and the
 * next build that needs it uploads it again. Returns how many are gone for now.
 */
export const repair = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const files = yield* NarFiles
  const damaged = yield* sql<{ file_hash: string }>`select file_hash from nar where damage is not null`
  let gone = 0
  for (const { file_hash } of damaged)
    gone += yield* sql.withTransaction(
      Effect.gen(function* () {
        // An upload of the same file waits until this is decided.
        const [row] = yield* sql<{ file_hash: string; file_size: number }>`
          select file_hash, file_size::float8 from nar where file_hash = ${file_hash} and damage is not null for update`
        if (row === undefined) return 0
        const { damage } = yield* examine(row)
        if (damage !== null) yield* files.remove(file_hash)
        yield* note(file_hash, damage === null ? null : "missing")
        return damage === null ? 0 : 1
      }),
    )
  return gone
})
