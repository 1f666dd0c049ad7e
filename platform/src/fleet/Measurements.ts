import type { PgClient } from "@effect/sql-pg"
import type { WorkerId } from "@skypanel/contract/Id"
import { Context, Effect, Layer, PubSub, Schedule, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import { pruneSamples, type Report, recordReports, recordSamples } from "../store/Measurements.ts"

/** How long reports are gathered: what the last second brought is one statement. */
const gatherMs = 1_000
const sampleEveryMs = 60_000

/** What workers measure. A report that a crash loses is made up for by the next heartbeat. */
export class Measurements extends Context.Service<
  Measurements,
  {
    readonly record: (report: Report) => Effect.Effect<void>
    /** The newest report of each worker since this platform started. */
    readonly latest: (worker: WorkerId) => Report | undefined
    /** What was written, as it is. */
    readonly written: Stream.Stream<ReadonlyArray<Report>>
  }
>()("platform/fleet/Measurements") {
  static readonly layer = Layer.effect(
    Measurements,
    Effect.gen(function* () {
      const context = yield* Effect.context<SqlClient.SqlClient | PgClient.PgClient>()
      const waiting = new Map<WorkerId, Report>()
      const latest = new Map<WorkerId, Report>()
      const sampledAt = new Map<WorkerId, number>()
      const written = yield* PubSub.sliding<ReadonlyArray<Report>>(64)

      const dueForSample = (report: Report, now: number) => {
        const before = sampledAt.get(report.workerId)
        if (before !== undefined && now - before < sampleEveryMs - gatherMs) return false
        sampledAt.set(report.workerId, now)
        return true
      }

      const write = Effect.gen(function* () {
        const reports = Array.from(waiting.values())
        if (reports.length === 0) return
        waiting.clear()
        yield* recordReports(reports)
        const now = performance.now()
        yield* recordSamples(reports.filter((report) => dueForSample(report, now)))
        yield* PubSub.publish(written, reports)
      }).pipe(
        Effect.catch((error) => Effect.logWarning("cannot write what workers measured", error)),
        Effect.provideContext(context),
      )
      const prune = pruneSamples.pipe(
        Effect.catch((error) => Effect.logWarning("cannot remove old samples", error)),
        Effect.provideContext(context),
      )
      yield* write.pipe(Effect.repeat(Schedule.spaced(gatherMs)), Effect.forkScoped)
      yield* prune.pipe(Effect.repeat(Schedule.spaced("1 hour")), Effect.forkScoped)
      return {
        record: (report) =>
          Effect.sync(() => {
            waiting.set(report.workerId, report)
            latest.set(report.workerId, report)
          }),
        latest: (worker) => latest.get(worker),
        written: Stream.fromPubSub(written),
      }
    }),
  )
}
