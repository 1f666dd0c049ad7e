import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { BuildId, DeploymentId, OrganizationId } from "@skypanel/contract/Id"
import type { LogLine } from "@skypanel/contract/Log"
import { Effect, Option, Stream } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { readBuildLog } from "../store/Builds.ts"
import { Changes, type RowChange } from "../store/Changes.ts"
import { asTenant } from "../store/Tenant.ts"

interface Next {
  readonly lines: ReadonlyArray<LogLine>
  /** There will be none. */
  readonly end: boolean
}

/** Lines as they come, until their end. */
export const follow = <R>(
  from: number,
  next: (after: number) => Effect.Effect<Next, SqlError.SqlError, R>,
  concerns: (change: RowChange) => boolean,
) =>
  Effect.gen(function* () {
    const changes = yield* Changes
    const context = yield* Effect.context<R>()
    return Stream.paginate(from, (after) =>
      changes
        .until(
          Effect.map(next(after), (found) => (found.lines.length > 0 || found.end ? found : null)),
          concerns,
        )
        .pipe(
          Effect.orDie,
          Effect.map(({ lines, end }): readonly [ReadonlyArray<LogLine>, Option.Option<number>] => [
            lines,
            end ? Option.none() : Option.some(lines.at(-1)!.seq),
          ]),
        ),
    ).pipe(Stream.provideContext(context))
  })

const nextLines = (organization: OrganizationId, deployment: DeploymentId, after: number) =>
  asTenant(
    organization,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{ finished: boolean; status: string; build: BuildId | null; built: boolean }>`
        select d.finished_at is not null as finished, d.status, b.id as build, b.finished_at is not null as built
        from deployment d left join build b on b.deployment_id = d.id where d.id = ${deployment}`
      if (row === undefined) return { lines: [], end: true }
      const lines = row.build === null ? [] : yield* readBuildLog(row.build, after)
      return { lines, end: lines.length === 0 && (row.built || row.finished) }
    }),
  )

/** Of a deployment's build. */
export const buildLog = (organization: OrganizationId, deployment: DeploymentId, from: number) =>
  follow(
    from,
    (after) => nextLines(organization, deployment, after),
    (change) => change.deployment === deployment,
  )

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours, which a file has no use for
const colours = /\u001b\[[0-9;:]*m/g

/** Of a build that ran at all: what it is called, and whether its log was removed. */
const buildOf = (organization: OrganizationId, deployment: DeploymentId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      asTenant(
        organization,
        sql<{ id: BuildId; log_removed_at: Date | null }>`select id, log_removed_at from build
          where deployment_id = ${deployment}`,
      ),
      (rows) => rows[0] ?? null,
    ),
  )

/** All that a build has written until now, as text. */
export const textOf = (organization: OrganizationId, build: BuildId) =>
  Effect.map(Effect.context<SqlClient.SqlClient>(), (context) =>
    Stream.paginate(0, (after) =>
      asTenant(organization, readBuildLog(build, after)).pipe(
        Effect.orDie,
        Effect.map((lines): readonly [ReadonlyArray<LogLine>, Option.Option<number>] => [
          lines,
          lines.length === 0 ? Option.none() : Option.some(lines.at(-1)!.seq),
        ]),
      ),
    ).pipe(
      Stream.map(({ at, stream, text }) => `${at} ${stream} ${text.replace(colours, "")}\n`),
      Stream.encodeText,
      Stream.provideContext(context),
    ),
  )

export const removed = (what: string) =>
  new NotPossibleNow({
    message: `The log of ${what} was removed.`,
    next: "Logs of builds are kept for a while only; build it again to have one.",
  })

/** Of a deployment's build. */
export const wholeLog = (organization: OrganizationId, deployment: DeploymentId, number: number) =>
  Effect.gen(function* () {
    const build = yield* buildOf(organization, deployment)
    if (build === null)
      return yield* new NotPossibleNow({
        message: `Deployment ${number} built nothing.`,
        next: "The list of builds shows which there are.",
      })
    if (build.log_removed_at !== null) return yield* removed(`build ${number}`)
    return yield* textOf(organization, build.id)
  })
