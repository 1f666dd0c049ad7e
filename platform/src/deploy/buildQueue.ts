import { Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { assign } from "../domain/builds.ts"
import { builderLost } from "../domain/failures.ts"
import {
  buildersNow,
  endBuild,
  giveBuild,
  lastServed,
  lockQueue,
  lostBuilds,
  runningBuilds,
  takeBack,
  tellPlace,
  waitingBuilds,
} from "../store/BuildQueue.ts"
import { Changes } from "../store/Changes.ts"

/** A build goes to another builder once. */
const takeBackLost = Effect.gen(function* () {
  for (const { id, worker_id, times, canceled } of yield* lostBuilds) {
    if (canceled) yield* endBuild(id, null)
    else if (times === 0) yield* takeBack(id, worker_id)
    else yield* endBuild(id, builderLost)
  }
})

/** Deals out what waits, and tells the rest where it stands: one transaction, by whoever of the platforms has the lock. */
export const dealOutBuilds = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { buildsPerOrganization } = yield* PlatformConfig
  yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* lockQueue
      yield* takeBackLost
      const waiting = yield* waitingBuilds
      if (waiting.length === 0) return
      const { assignments, places } = assign(
        {
          waiting,
          running: yield* runningBuilds,
          builders: yield* buildersNow,
          served: yield* lastServed,
        },
        { perOrganization: buildsPerOrganization },
      )
      // One after the other, so that their times tell whose turn it was.
      for (const { build, builder } of assignments) yield* giveBuild(build, builder)
      for (const { id, position, reason } of places) yield* tellPlace(id, position, reason)
    }),
  )
})

const concerns = new Set(["build", "worker", "deployment"])

/** Whenever a build, a builder or a deployment changed, and each second: a builder is lost by silence, which nobody says. */
export const runBuildQueue = Effect.gen(function* () {
  const changes = yield* Changes
  yield* Stream.merge(
    Stream.tick("1 second"),
    changes.stream.pipe(Stream.filter(({ table }) => table === null || concerns.has(table))),
  ).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() =>
      dealOutBuilds.pipe(
        Effect.catchCause((cause) =>
          Effect.logWarning("builds were not dealt out; it is tried again", cause),
        ),
      ),
    ),
    Effect.retry(Schedule.spaced("1 second")),
  )
})
