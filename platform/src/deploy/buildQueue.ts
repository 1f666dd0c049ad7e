import { Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { assign, hasRoom } from "../domain/builds.ts"
import { builderLost, noBuilder } from "../domain/failures.ts"
import {
  buildersNow,
  endBuild,
  giveBuild,
  lastServed,
  lockQueue,
  lostBuilds,
  runningBuilds,
  takeBack,
  tellPlaces,
  waitingBuilds,
} from "../store/BuildQueue.ts"
import { Changes, type RowChange } from "../store/Changes.ts"
import { deleteEndedDrafts, failUnservedTrials } from "../store/Trials.ts"
import { builderDeadlineMs } from "./build.ts"

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
      // First, before it has a build's row that whoever withdraws a draft may wait for.
      yield* deleteEndedDrafts
      yield* takeBackLost
      const running = yield* runningBuilds
      const builders = yield* buildersNow
      const seconds = builderDeadlineMs / 1000
      yield* failUnservedTrials(builders.length, seconds, noBuilder(seconds))
      const waiting = yield* waitingBuilds(hasRoom({ running, builders }))
      if (waiting.length === 0) return
      const { assignments, places } = assign(
        { waiting, running, builders, served: yield* lastServed },
        { perOrganization: buildsPerOrganization },
      )
      // One after the other, so that their times tell whose turn it was.
      for (const { build, builder } of assignments) yield* giveBuild(build, builder)
      yield* tellPlaces(places)
    }),
  )
})

const concerns = new Set(["build", "worker", "deployment"])
const leastBetween = "250 millis"

/**
 * Whenever a build, a builder or a deployment changed, and each second: a builder is lost by silence, which nobody says.
 * Changes that come quickly, such as each batch of each build's log, are one.
 */
export const dealWhenChanged = <E, R>(changes: Stream.Stream<RowChange>, deal: Effect.Effect<void, E, R>) =>
  Stream.merge(
    Stream.tick("1 second"),
    changes.pipe(Stream.filter(({ table }) => table === null || concerns.has(table))),
  ).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() =>
      deal.pipe(
        Effect.catchCause((cause) =>
          Effect.logWarning("builds were not dealt out; it is tried again", cause),
        ),
        Effect.andThen(Effect.sleep(leastBetween)),
      ),
    ),
    Effect.retry(Schedule.spaced("1 second")),
  )

export const runBuildQueue = Effect.flatMap(Changes, ({ stream }) => dealWhenChanged(stream, dealOutBuilds))
