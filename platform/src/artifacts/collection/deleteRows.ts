import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const batch = 500

/** Repeats until a batch comes out smaller than it may be. */
const inBatches = <E, R>(one: Effect.Effect<number, E, R>, each: (deleted: number) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    for (;;) {
      const deleted = yield* one
      yield* each(deleted)
      if (deleted < batch) return
    }
  })

/** Images that have been buried for the grace time. */
export const deleteImages = (due: Date, each: (deleted: number) => Effect.Effect<void>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    inBatches(
      Effect.map(
        sql`delete from image where (organization_id, service_id, digest) in (
            select organization_id, service_id, digest from image where collected_at < ${due}
            limit ${batch} for update skip locked) returning digest`,
        (rows) => rows.length,
      ),
      each,
    ),
  )

/**
 * Layers that no image has, and runs of layers that no image begins with. A layer's row is locked first: who publishes
 * holds it, too (see `saveImage`), so that the second look sees every image that took it meanwhile.
 */
export const deleteLayers = (cutoff: Date, each: (deleted: number) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const chains = sql.withTransaction(
      Effect.gen(function* () {
        const rows = yield* sql<{ digest: string }>`
          select digest from layer where digest in (select c.digest from layer_chain c
            where not exists (select from image_layer il where il.chain = c.chain) limit ${batch})
          for update skip locked`
        const digests = JSON.stringify(rows.map(({ digest }) => digest))
        const gone = yield* sql`delete from layer_chain c
          where c.digest in (select json_array_elements_text(${digests}::text::json))
            and not exists (select from image_layer il where il.chain = c.chain) returning c.chain`
        return gone.length
      }),
    )
    yield* inBatches(chains, () => Effect.void)
    const layers = sql.withTransaction(
      Effect.gen(function* () {
        const rows = yield* sql<{ digest: string }>`
          select digest from layer l where wanted_at < ${cutoff}
            and not exists (select from image_layer il where il.layer_digest = l.digest)
          limit ${batch} for update skip locked`
        const digests = JSON.stringify(rows.map(({ digest }) => digest))
        const gone = yield* sql`delete from layer l
          where l.digest in (select json_array_elements_text(${digests}::text::json))
            and not exists (select from image_layer il where il.layer_digest = l.digest)
            and not exists (select from layer_chain c where c.digest = l.digest) returning l.digest`
        return gone.length
      }),
    )
    yield* inBatches(layers, each)
  })

/**
 * Paths that have been buried for the grace time, newest first: what refers to others was registered after them. What a
 * layer or a path that stays still needs is held, with all that it refers to.
 */
export const deletePaths = (due: Date, each: (deleted: number) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    let before = { at: "infinity", base: "" }
    for (;;) {
      const one = sql.withTransaction(
        Effect.gen(function* () {
          const old = yield* sql<{ base: string; at: string }>`
            select base, registered_at::text as at from store_path
            where collected_at < ${due} and (registered_at, base) < (${before.at}::timestamptz, ${before.base})
            order by registered_at desc, base desc limit ${batch} for update skip locked`
          const bases = JSON.stringify(old.map(({ base }) => base))
          const free = yield* sql<{ base: string }>`
            with recursive old (base) as materialized (select json_array_elements_text(${bases}::text::json)),
            held (base) as (
              select base from old where exists (select from layer_path lp where lp.base = old.base)
                or exists (select from image i where i.store_path = old.base)
                or exists (select from artifact_pin a where a.store_path = old.base)
                or exists (select from service_dependency d where d.base = old.base)
                or exists (select from store_reference r where r.reference = old.base
                  and r.referrer not in (select base from old))
              union
              select r.reference from held join store_reference r on r.referrer = held.base
              where r.reference in (select base from old)
            )
            select base from old except select base from held`
          const gone = JSON.stringify(free.map(({ base }) => base))
          yield* sql`delete from store_reference
            where referrer in (select json_array_elements_text(${gone}::text::json))`
          yield* sql`delete from store_path
            where base in (select json_array_elements_text(${gone}::text::json))`
          return { deleted: free.length, last: old.length < batch ? null : old.at(-1)! }
        }),
      )
      const { deleted, last }: { deleted: number; last: typeof before | null } = yield* one
      yield* each(deleted)
      if (last === null) return
      before = last
    }
  })
