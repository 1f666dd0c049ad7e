import type { ArtifactTraffic } from "@skypanel/contract/Artifacts"
import { Context, Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql"

/** How many requests for what is in the store were answered from it, and how many it had nothing for. */
export class Traffic extends Context.Service<
  Traffic,
  { readonly count: (kind: ArtifactTraffic["kind"], hit: boolean) => void }
>()("platform/artifacts/Traffic") {
  /** Counts in memory and writes every 15 seconds: a kill loses no more than that. */
  static readonly layer = Layer.effect(
    Traffic,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const counts = new Map<string, { kind: string; hits: number; misses: number }>()
      const flush = Effect.suspend(() => {
        const rows = [...counts.values()]
        counts.clear()
        return rows.length === 0
          ? Effect.void
          : Effect.asVoid(sql`insert into artifact_traffic (day, kind, hits, misses)
              select current_date, item ->> 'kind', (item ->> 'hits')::bigint, (item ->> 'misses')::bigint
              from json_array_elements(${JSON.stringify(rows)}::text::json) as listed (item)
              on conflict (day, kind) do update set hits = artifact_traffic.hits + excluded.hits,
                misses = artifact_traffic.misses + excluded.misses`)
      }).pipe(Effect.catchCause((cause) => Effect.logWarning("requests were not counted", cause)))
      yield* Effect.addFinalizer(() => flush)
      yield* Effect.forkScoped(Effect.repeat(flush, Schedule.spaced("15 seconds")))
      return Traffic.of({
        count: (kind, hit) => {
          const entry = counts.get(kind) ?? { kind, hits: 0, misses: 0 }
          counts.set(kind, { ...entry, ...(hit ? { hits: entry.hits + 1 } : { misses: entry.misses + 1 }) })
        },
      })
    }),
  )
}

/** Counts one request. */
export const counted = (kind: ArtifactTraffic["kind"], hit: boolean) =>
  Effect.map(Traffic, (traffic) => traffic.count(kind, hit))

/** Of the last 7 days. */
export const listTraffic = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<ArtifactTraffic>`
    select kind, sum(hits)::float8 as hits, sum(misses)::float8 as misses from artifact_traffic
    where day > current_date - 7 group by kind order by kind`,
)
