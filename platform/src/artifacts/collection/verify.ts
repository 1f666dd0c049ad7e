import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { NarFiles } from "../NarFiles.ts"
import type { Report } from "./collect.ts"

const batch = 100

interface Row {
  readonly file_hash: string
  readonly file_size: number
}

/** What a look at a file finds; null when it is what it was. */
const examine = (row: Row) =>
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
      const rows = yield* sql<Row>`
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

/** Removes a damaged file, unless an upload has put another in its place since it was looked at. True when it is gone. */
const removeDamaged = (fileHash: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const files = yield* NarFiles
    // An upload of the same file waits until this is decided.
    const rows = yield* sql`select from nar where file_hash = ${fileHash} and damage is not null for update`
    if (rows.length === 0) return false
    yield* files.remove(fileHash)
    yield* note(fileHash, "missing")
    return true
  }).pipe((removal) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(removal)))

/**
 * Looks at each damaged file again, and removes what is still not right: then the cache answers for it no more, and the
 * next build that needs it uploads it again. Returns how many are gone for now.
 */
export const repair = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const damaged = yield* sql<Row>`select file_hash, file_size::float8 from nar where damage is not null`
  let gone = 0
  for (const row of damaged) {
    // Before its row is locked: it may take longer than a transaction may stand idle for.
    const { damage } = yield* examine(row)
    if (damage === null) yield* note(row.file_hash, null)
    else if (yield* removeDamaged(row.file_hash)) gone++
  }
  return gone
})
