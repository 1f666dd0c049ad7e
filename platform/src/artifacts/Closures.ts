import { Context, Effect, Layer } from "effect"
import { SqlClient, type SqlError } from "effect/sql"

/** A store path of a closure, and what layering wants to know of it. */
export interface ClosurePath {
  readonly base: string
  readonly narHash: string
  readonly narSize: number
  readonly references: ReadonlyArray<string>
  /** It came from a public cache. */
  readonly substituted: boolean
  /** A layer of another service's image holds it. */
  readonly shared: boolean
}

interface Row {
  readonly base: string
  readonly nar_hash: string
  readonly nar_size: number
  readonly references: string
  readonly substituted: boolean
  readonly shared: boolean
}

/** Everything that a store path refers to, directly or not. */
export class Closures extends Context.Service<
  Closures,
  {
    /**
     * The closure of a path (`<hash>-<name>`), itself among it, sorted by name; empty when the path is not in the
     * store. `serviceId` is whose image it is for.
     */
    readonly of: (
      base: string,
      serviceId: string,
    ) => Effect.Effect<ReadonlyArray<ClosurePath>, SqlError.SqlError>
  }
>()("platform/artifacts/Closures") {
  static readonly layer = Layer.effect(
    Closures,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const of = (base: string, serviceId: string) =>
        sql<Row>`
          with recursive closure (base) as (
            select base from store_path where base = ${base}
            union
            select r.reference from closure c join store_reference r on r.referrer = c.base
          )
          select p.base, p.nar_hash, p.nar_size::float8, p.substituted,
            coalesce((select string_agg(r.reference, ' ') from store_reference r where r.referrer = p.base), '')
              as references,
            exists (select from layer_path lp join image_layer il on il.layer_digest = lp.digest
              where lp.base = p.base and il.service_id <> ${serviceId}) as shared
          from closure join store_path p using (base) order by p.base collate "C"`.pipe(
          Effect.map((rows) =>
            rows.map(
              (row): ClosurePath => ({
                base: row.base,
                narHash: row.nar_hash,
                narSize: row.nar_size,
                references: row.references.split(" ").filter((reference) => reference !== ""),
                substituted: row.substituted,
                shared: row.shared,
              }),
            ),
          ),
        )
      return Closures.of({ of })
    }),
  )
}
