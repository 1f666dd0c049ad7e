import { PgClient } from "@effect/sql-pg"
import { defaultFleetPolicy, FleetPolicy } from "@skypanel/contract/Fleet"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

const decode = Schema.decodeUnknownEffect(FleetPolicy)

/** What administrators have set; what they have not, or what an earlier version wrote, is as it comes. */
export const loadFleetPolicy = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ policy: unknown }>`select policy from fleet_policy`
  if (row === undefined) return defaultFleetPolicy
  const given = typeof row.policy === "object" && row.policy !== null ? row.policy : {}
  return yield* decode({ ...defaultFleetPolicy, ...given }).pipe(
    Effect.catch(() => Effect.succeed(defaultFleetPolicy)),
  )
})

export const saveFleetPolicy = (policy: FleetPolicy, changedBy: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`insert into fleet_policy (policy, changed_by) values (${pg.json(policy)}, ${changedBy})
      on conflict (only_one) do update set policy = excluded.policy, changed_by = excluded.changed_by, changed_at = now()`
  })
