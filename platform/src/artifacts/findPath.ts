import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { NarInfo } from "../domain/artifacts/narInfo.ts"
import { parseStoreBase } from "../domain/artifacts/StorePath.ts"
import type { NarRow } from "./narInfoProblem.ts"

interface PathRow extends Omit<NarRow, "candidates"> {
  readonly base: string
  readonly deriver: string | null
  readonly signatures: string
  readonly references: string
}

const toNarInfo = (row: PathRow): NarInfo => ({
  storePath: parseStoreBase(row.base)!,
  fileHash: row.file_hash,
  fileSize: row.file_size,
  narHash: row.nar_hash,
  narSize: row.nar_size,
  references: row.references
    .split(" ")
    .filter((base) => base !== "")
    .map((base) => parseStoreBase(base)!),
  deriver: row.deriver,
  signatures: row.signatures.split(" ").filter((signature) => signature !== ""),
})

/** By the hash part of its name. `answered`: not what was buried, or whose file is known to be gone. */
export const findPath = (hash: string, which: "answered" | "any") =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<PathRow>`
      select p.base, p.file_hash, n.file_size::float8, p.nar_hash, p.nar_size::float8, p.deriver,
        coalesce((select string_agg(s.signature, ' ' order by s.signature collate "C") from store_signature s
          where s.base = p.base and not exists (select from signing_key k
            where k.public_key = s.public_key and k.retired_at is not null)), '') as signatures,
        coalesce((select string_agg(r.reference, ' ' order by r.reference collate "C")
          from store_reference r where r.referrer = p.base), '') as references
      from store_path p join nar n using (file_hash) where p.hash = ${hash}
        and ${which === "answered" ? sql`p.collected_at is null and n.damage is distinct from 'missing'` : sql`true`}`
    return rows[0] ? toNarInfo(rows[0]) : null
  })
