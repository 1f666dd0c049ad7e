import { PgClient } from "@effect/sql-pg"
import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { BuildId, OrganizationId, WorkerId } from "@skypanel/contract/Id"
import type { LogLine } from "@skypanel/contract/Log"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { learnedAnew } from "../domain/failures.ts"
import { newBuildId } from "../domain/id.ts"
import { oneLine } from "../domain/oneLine.ts"
import { learnedOtherwise } from "./LearnedHashes.ts"
import type { BuildRow, DeploymentRow } from "./rows.ts"

const commitCharacters = 200

/** The build of a deployment: made once, found again when a step runs twice. */
export const ensureBuild = (deployment: DeploymentRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`insert into build (id, organization_id, deployment_id)
      values (${newBuildId()}, ${deployment.organization_id}, ${deployment.id})
      on conflict (deployment_id) do nothing`
    const rows = yield* sql<BuildRow>`select * from build where deployment_id = ${deployment.id}`
    return rows[0]!
  })

export const loadBuild = (id: BuildId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(sql<BuildRow>`select * from build where id = ${id}`, (rows) => rows[0] ?? null),
  )

/** What came with the build: files of paths that nobody had brought before. Null: it brought no closure. */
const addedBytes = (build: BuildId, { phase }: BuildObserved) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    phase !== "succeeded"
      ? Effect.succeed(null)
      : Effect.map(
          sql<{ bytes: bigint }>`select coalesce(sum(n.file_size), 0)::bigint as bytes from nar n
            where n.file_hash in (select file_hash from store_path where build_id = ${build})`,
          (rows) => rows[0]!.bytes,
        ),
  )

/** The commit that was fetched is its deployment's; what others wrote is bounded here as well. */
const recordCommit = (worker: WorkerId, { id, commit }: BuildObserved) =>
  Effect.gen(function* () {
    if (!commit) return
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const known = {
      revision: commit.revision,
      author: oneLine(commit.author, commitCharacters),
      subject: oneLine(commit.subject, commitCharacters),
    }
    yield* sql`update deployment d set commit = ${pg.json(known)}::jsonb from build b
      where b.id = ${id} and b.worker_id = ${worker} and d.id = b.deployment_id
        and d.commit is distinct from ${pg.json(known)}::jsonb`
  })

/** A build that used other bytes than its service is held to by now has failed, whatever it says of itself. */
const heldToLearned = (worker: WorkerId, observed: BuildObserved) =>
  Effect.gen(function* () {
    const other = observed.phase === "succeeded" ? yield* learnedOtherwise(worker, observed) : null
    return other === null
      ? observed
      : { ...observed, phase: "failed" as const, result: null, failure: learnedAnew(other) }
  })

/**
 * What the builder says of its build. Only the worker that has it may speak, and an end is final. The end waits for
 * the last log line, so that a log is whole when its build is over.
 */
export const recordBuild = (worker: WorkerId, said: BuildObserved) =>
  Effect.gen(function* () {
    const observed = yield* heldToLearned(worker, said)
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const { id, phase } = observed
    const ended = phase === "succeeded" || phase === "failed"
    const json = (value: object | null) => (value === null ? null : pg.json(value))
    const news =
      yield* sql`select id from build where id = ${id} and worker_id = ${worker} and finished_at is null
      and (phase <> ${phase} or ${ended}) and (not ${ended} or log_seq >= ${observed.logSeq})`
    if (news.length === 0) return
    yield* recordCommit(worker, observed)
    yield* sql`update build set phase = ${phase},
        phases = case when ${ended} then phases else phases || jsonb_build_object(${phase}::text, clock_timestamp()) end,
        result = coalesce(${json(observed.result)}, result), failure = coalesce(${json(observed.failure)}, failure),
        finished_at = ${ended ? sql`now()` : null}, added_bytes = ${yield* addedBytes(id, observed)}
      where id = ${id} and worker_id = ${worker} and finished_at is null
        and (phase <> ${phase} or ${ended})
        and (not ${ended} or log_seq >= ${observed.logSeq})`
  })

/** A builder that started over counts its lines from 1 again: its first line is not the first one that is stored. */
const isNewLog = (build: BuildId, lines: ReadonlyArray<LogLine>) =>
  Effect.gen(function* () {
    const [first] = lines
    if (first?.seq !== 1) return false
    const sql = yield* SqlClient.SqlClient
    const [stored] = yield* sql<{ at: Date }>`select at from build_log where build_id = ${build} and seq = 1`
    return stored !== undefined && stored.at.getTime() !== new Date(first.at).getTime()
  })

/** Lines that the platform writes into a build's log itself, or a builder's batch; lines known already are skipped. */
export const appendBuildLog = (worker: WorkerId, build: BuildId, lines: ReadonlyArray<LogLine>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        const [row] = yield* sql<{ organization_id: OrganizationId; log_seq: number }>`
          select organization_id, log_seq from build where id = ${build} and worker_id = ${worker} for update`
        if (row === undefined) return lines.at(-1)?.seq ?? 0
        if (yield* isNewLog(build, lines)) {
          yield* sql`delete from build_log where build_id = ${build}`
          yield* sql`update build set log_seq = 0 where id = ${build}`
          row.log_seq = 0
        }
        const fresh = lines.filter((line) => line.seq > row.log_seq)
        if (fresh.length === 0) return row.log_seq
        yield* sql`insert into build_log ${sql.insert(
          fresh.map((line) => ({
            build_id: build,
            organization_id: row.organization_id,
            seq: line.seq,
            at: new Date(line.at),
            stream: line.stream,
            origin: line.origin,
            text: line.text.replaceAll("\0", ""),
          })) as never,
        )} on conflict do nothing`
        const last = fresh.at(-1)!.seq
        yield* sql`update build set log_seq = ${last} where id = ${build}`
        return last
      }),
    )
  })

/** At most 500 lines after `after`. */
export const readBuildLog = (build: BuildId, after: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{
      seq: number
      at: Date
      stream: LogLine["stream"]
      origin: string
      text: string
    }>`select seq, at, stream, origin, text from build_log
       where build_id = ${build} and seq > ${after} order by seq limit 500`
    return rows.map((row): LogLine => ({ ...row, at: row.at.toISOString() }))
  })
