import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { fingerprint } from "../domain/artifacts/narInfo.ts"
import { parseStoreBase } from "../domain/artifacts/StorePath.ts"
import { type SecretKey, signFingerprint } from "../domain/artifacts/signature.ts"

/** Signing takes about 50 µs each: other requests wait no longer than for one of these. */
const batchSize = 200

interface Row {
  readonly base: string
  readonly nar_hash: string
  readonly nar_size: number
  readonly references: string
}

const sign = (key: SecretKey, row: Row): string =>
  signFingerprint(
    key,
    fingerprint({
      storePath: parseStoreBase(row.base)!,
      narHash: row.nar_hash,
      narSize: row.nar_size,
      references: row.references
        .split(" ")
        .filter((base) => base !== "")
        .map((base) => parseStoreBase(base)!),
    }),
  )

/** The next paths without a signature of the key; gives the last, null when there were none. */
const signBatch = (key: SecretKey, after: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Row>`
      select p.base, p.nar_hash, p.nar_size::float8, coalesce((select string_agg(r.reference, ' ')
        from store_reference r where r.referrer = p.base), '') as references
      from store_path p where p.base > ${after} and not exists
        (select from store_signature s where s.base = p.base and s.public_key = ${key.publicText})
      order by p.base limit ${batchSize}`
    const signed = rows.map((row) => [row.base, sign(key, row)])
    // A path that was collected meanwhile is left out.
    yield* sql`insert into store_signature (base, public_key, signature)
      select p.base, ${key.publicText}::text, item ->> 1
      from json_array_elements(${JSON.stringify(signed)}::text::json) as listed (item)
      join store_path p on p.base = item ->> 0 for key share of p
      on conflict do nothing`
    return rows.at(-1)?.base ?? null
  })

/**
 * Gives every path that was stored before the key was made the key's signature. Each batch stands for itself: after a
 * kill the next pass goes on with what is missing.
 */
export const signMissing = (key: SecretKey) =>
  Effect.gen(function* () {
    for (let after: string | null = ""; after !== null; after = yield* signBatch(key, after))
      yield* Effect.yieldNow
  })

/**
 * What retired keys signed is said no more; here it is also thrown away. So is what was signed before there could be
 * several keys, once all is signed anew: it says its key's name only, and the key of that name may be another by now.
 */
export const dropOldSignatures = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (let dropped = 1; dropped > 0; ) {
    const rows = yield* sql`delete from store_signature where (base, public_key) in
      (select s.base, s.public_key from store_signature s left join signing_key k using (public_key)
        where k.retired_at is not null or s.public_key not like '%:%' limit 5000) returning 1`
    dropped = rows.length
  }
})
