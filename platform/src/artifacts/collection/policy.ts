import { PgClient } from "@effect/sql-pg"
import { ArtifactPolicy, defaultArtifactPolicy } from "@skypanel/contract/Artifacts"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"

const decode = Schema.decodeUnknownEffect(ArtifactPolicy)

/** What administrators have set; what they have not, or what an earlier version wrote, is as it comes. */
export const loadArtifactPolicy = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ policy: object }>`select policy from artifact_policy`
  return yield* decode({ ...defaultArtifactPolicy, ...row?.policy }).pipe(
    Effect.catch(() => Effect.succeed(defaultArtifactPolicy)),
  )
})

export const saveArtifactPolicy = (policy: ArtifactPolicy, changedBy: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`insert into artifact_policy (policy, changed_by) values (${pg.json(policy)}, ${changedBy})
      on conflict (only_one) do update set policy = excluded.policy, changed_by = excluded.changed_by, changed_at = now()`
  })
