import type { PgClient } from "@effect/sql-pg"
import type { ArtifactRun } from "@skypanel/contract/Artifacts"
import { Cause, Context, Deferred, Effect, Fiber, Layer, Schedule } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { NarFiles } from "../NarFiles.ts"
import { collect, type Report } from "./collect.ts"
import { loadArtifactPolicy } from "./policy.ts"
import { beginRun, endRun, progressOf } from "./runs.ts"
import { takeSample } from "./samples.ts"
import { verify } from "./verify.ts"

/** What a verification reads of the disk. */
const bytesPerSecond = 64 * 1024 ** 2

const work = (kind: ArtifactRun["kind"], report: Report) =>
  Effect.gen(function* () {
    if (kind === "verification") {
      yield* verify(bytesPerSecond, report)
      return ""
    }
    const { overBytes } = yield* collect(yield* loadArtifactPolicy, report)
    return overBytes > 0 ? `What is kept is ${overBytes} bytes over the budget.` : ""
  })

/**
 * Collections and verifications: one of each at a time, whatever number of platforms there is. A verification takes
 * hours, in which the disk must not fill up.
 */
export class Collector extends Context.Service<
  Collector,
  {
    /** Starts one, which goes on by itself; null when another of its kind goes on. */
    readonly start: (
      kind: ArtifactRun["kind"],
      startedBy: string,
    ) => Effect.Effect<ArtifactRun | null, SqlError.SqlError>
    /** Runs one to its end; false when another of its kind goes on. */
    readonly finish: (
      kind: ArtifactRun["kind"],
      startedBy: string,
    ) => Effect.Effect<boolean, SqlError.SqlError>
  }
>()("platform/artifacts/Collector") {
  static readonly layer = Layer.effect(
    Collector,
    Effect.gen(function* () {
      const context = yield* Effect.context<SqlClient.SqlClient | PgClient.PgClient | NarFiles>()
      const scope = yield* Effect.scope
      const sql = yield* SqlClient.SqlClient

      // For as long as its connection lives: a platform that was killed lets go of it.
      const takeLock = Effect.fnUntraced(function* (kind: ArtifactRun["kind"]) {
        const connection = yield* sql.reserve
        const ask = (name: string) =>
          connection.execute(`select ${name}(hashtext('skypanel.artifacts.${kind}')) as yes`, [], undefined)
        const [row] = yield* ask("pg_try_advisory_lock")
        if (row.yes === true) yield* Effect.addFinalizer(() => Effect.ignore(ask("pg_advisory_unlock")))
        return row.yes === true
      })

      const carryOut = (
        kind: ArtifactRun["kind"],
        startedBy: string,
        started: Deferred.Deferred<ArtifactRun | null, SqlError.SqlError>,
      ) =>
        Effect.gen(function* () {
          if (!(yield* takeLock(kind))) return yield* Deferred.succeed(started, null)
          const run = yield* beginRun(kind, startedBy)
          yield* Deferred.succeed(started, run)
          const { report, flush } = yield* progressOf(run.id)
          yield* work(kind, report).pipe(
            Effect.ensuring(flush),
            Effect.matchCauseEffect({
              onSuccess: (message) => endRun(run.id, "done", message),
              onFailure: (cause) =>
                Effect.andThen(
                  Effect.logError(`the ${kind} of the artifact store failed`, cause),
                  endRun(
                    run.id,
                    "failed",
                    Cause.hasInterrupts(cause)
                      ? "The platform ended meanwhile."
                      : "The details are in the platform's log.",
                  ),
                ),
            }),
          )
        }).pipe(
          Effect.scoped,
          Effect.catch((error) => Effect.andThen(Effect.logError(error), Deferred.fail(started, error))),
          Effect.provideContext(context),
        )

      const begin = Effect.fnUntraced(function* (kind: ArtifactRun["kind"], startedBy: string) {
        const started = yield* Deferred.make<ArtifactRun | null, SqlError.SqlError>()
        const fiber = yield* Effect.forkIn(carryOut(kind, startedBy, started), scope)
        return { run: yield* Deferred.await(started), fiber }
      })

      return Collector.of({
        start: (kind, startedBy) => Effect.map(begin(kind, startedBy), ({ run }) => run),
        finish: (kind, startedBy) =>
          Effect.flatMap(begin(kind, startedBy), ({ run, fiber }) =>
            Effect.as(Fiber.join(fiber), run !== null),
          ),
      })
    }),
  )
}

/** One by itself when the last was long enough ago, and a sample each hour. For as long as the scope is open. */
export const runCollections = Effect.gen(function* () {
  const collector = yield* Collector
  const sql = yield* SqlClient.SqlClient
  const look = Effect.gen(function* () {
    yield* takeSample
    const { everyHours } = yield* loadArtifactPolicy
    // One that failed or was killed is begun again soon, but not at once each time.
    const lately = yield* sql`select from artifact_run where kind = 'collection'
      and started_at > now() - case state when 'done' then make_interval(hours => ${everyHours})
        else interval '10 minutes' end`
    if (lately.length === 0) yield* collector.finish("collection", "SkyPanel")
  })
  yield* look.pipe(
    Effect.catchCause((cause) =>
      Effect.logWarning("cannot look after the artifact store; it is tried again", cause),
    ),
    Effect.repeat(Schedule.spaced("1 minute")),
  )
})
