import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { patiently } from "./patiently.ts"

/** How large the store is, each hour, for 30 days. */
export const takeSample = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const written = yield* patiently(sql`insert into artifact_sample (at, file_bytes, paths)
    select date_trunc('hour', now()), (select coalesce(sum(file_size), 0) from nar), (select count(*) from store_path)
    where not exists (select from artifact_sample where at = date_trunc('hour', now()))
    on conflict do nothing returning at`)
  if (written.length === 0) return
  yield* sql`delete from artifact_sample where at < now() - interval '30 days'`
  yield* sql`delete from artifact_traffic where day < current_date - 30`
})

/** Oldest first. */
export const listSamples = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ at: Date; file_bytes: number; paths: number }>`
    select at, file_bytes::float8, paths::float8 from artifact_sample order by at`
  return rows.map((row) => ({ at: row.at.toISOString(), fileBytes: row.file_bytes, paths: row.paths }))
})
