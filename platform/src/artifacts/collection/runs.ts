import { PgClient } from "@effect/sql-pg"
import { type ArtifactProgress, type ArtifactRun, noProgress } from "@skypanel/contract/Artifacts"
import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { newId } from "../../domain/id.ts"
import type { Report } from "./collect.ts"

interface RunRow {
  readonly id: string
  readonly kind: ArtifactRun["kind"]
  readonly state: ArtifactRun["state"]
  readonly started_by: string
  readonly started_at: Date
  readonly finished_at: Date | null
  readonly progress: ArtifactProgress
  readonly message: string
}

const toRun = (row: RunRow): ArtifactRun => ({
  id: row.id,
  kind: row.kind,
  state: row.state,
  startedBy: row.started_by,
  startedAt: row.started_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
  progress: { ...noProgress, ...row.progress },
  message: row.message,
})

/** Newest first. */
export const listRuns = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<RunRow>`select * from artifact_run order by started_at desc, id desc limit 20`
  return rows.map(toRun)
})

/** Only by who holds the kind's lock: what another began of it and did not end was cut off. */
export const beginRun = (kind: ArtifactRun["kind"], startedBy: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update artifact_run set state = 'failed', finished_at = now(), message = 'The platform ended meanwhile.'
      where state = 'running' and kind = ${kind}`
    yield* sql`delete from artifact_run where started_at < now() - interval '90 days'`
    const rows = yield* sql<RunRow>`insert into artifact_run ${sql.insert({
      id: newId("run"),
      kind,
      started_by: startedBy,
      progress: pg.json(noProgress),
    } as never)} returning *`
    return toRun(rows[0]!)
  })

export const endRun = (id: string, state: "done" | "failed", message: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`update artifact_run set state = ${state}, finished_at = now(), message = ${message} where id = ${id}`,
  )

/** Adds up what a run has done, and writes it at most once a second; `flush` writes what is left. */
export const progressOf = (id: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const progress: { -readonly [key in keyof ArtifactProgress]: number } = { ...noProgress }
    let writtenAt = yield* Clock.currentTimeMillis
    const flush = Effect.suspend(
      () => sql`update artifact_run set progress = ${pg.json(progress)} where id = ${id}`,
    ).pipe(Effect.ignore)
    const report: Report = (done) =>
      Effect.gen(function* () {
        for (const [key, value] of Object.entries(done)) progress[key as keyof ArtifactProgress] += value
        const now = yield* Clock.currentTimeMillis
        if (now - writtenAt < 1000) return
        writtenAt = now
        yield* flush
      })
    return { report, flush }
  })
