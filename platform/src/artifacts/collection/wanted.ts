import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What was wanted so lately is not written again: it is far from being collected. */
const lately = "interval '10 minutes'"

/**
 * Says that these paths, with everything they refer to, are wanted now, and brings back what of it was buried. Whoever
 * begins to rely on a path does it in the transaction that writes so: a collection takes only what nobody has wanted
 * for long, and looks again under the row's lock.
 */
export const wantPaths = (bases: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => {
    const stale = sql.literal(`(p.wanted_at < now() - ${lately} or p.collected_at is not null)`)
    return sql`
      with recursive wanted (base) as (
        select p.base from store_path p
        where p.base in (select json_array_elements_text(${JSON.stringify(bases)}::text::json)) and ${stale}
        union
        select p.base from wanted w join store_reference r on r.referrer = w.base
        join store_path p on p.base = r.reference where ${stale}
      ), locked as (
        select base from store_path where base in (select base from wanted) order by base for no key update
      )
      update store_path p set wanted_at = now(), collected_at = null from locked where p.base = locked.base`
  })

/** The same for one path, when it is there; false when it was deleted. Its references are only asked for if need be. */
export const holdPath = (base: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ stale: boolean }>`
      select wanted_at < now() - ${sql.literal(lately)} or collected_at is not null as stale
      from store_path where base = ${base}`
    if (row === undefined) return false
    if (!row.stale) return true
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        // Its own row is locked in its turn with the others, so that two who hold the same do not wait for each other.
        yield* wantPaths([base])
        // Sees a deletion that this had to wait for.
        return (yield* sql`select from store_path where base = ${base}`).length > 0
      }),
    )
  })

/** For uploads that are not sent again: the file stays for the grace time, if there is a row of it. */
export const holdNar = (fileHash: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update nar set wanted_at = now()
      where file_hash = ${fileHash} and wanted_at < now() - ${sql.literal(lately)}`,
  )

interface ImageName {
  readonly organizationId: string
  readonly serviceId: string
  readonly digest: string
}

/** Every path that an image's layers hold. In the transaction that wrote or brought back the image. */
export const wantPathsOfImage = ({ organizationId, serviceId, digest }: ImageName) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ base: string }>`
      select lp.base from image_layer il join layer_path lp on lp.digest = il.layer_digest
      where il.organization_id = ${organizationId} and il.service_id = ${serviceId} and il.image_digest = ${digest}
      union
      select store_path from image
      where organization_id = ${organizationId} and service_id = ${serviceId} and digest = ${digest}`
    yield* wantPaths(rows.map(({ base }) => base))
  })
