import { Duration, Effect, Random } from "effect"

const shortestMs = 200
const longestMs = 10_000
/** After an answer that a person has to change. */
const settledMs = 30_000

/**
 * Milliseconds until the next attempt after this many failures in a row: doubling from 0.2 s to at most 10 s, of
 * which a random half, so that agents do not come back all at once.
 */
export const pauseMs = (failures: number, random: number): number => {
  const whole = Math.min(longestMs, shortestMs * 2 ** Math.min(failures - 1, 20))
  return Math.round(whole / 2 + (whole / 2) * random)
}

/** A session that lasted this long was a good one: the next failure is the first. */
const goodMs = 10_000

/** Runs session after session, for ever; after an end that `isSettled` seldom. */
export const forever = <E, R, R2>(
  session: Effect.Effect<void, E, R>,
  isSettled: (error: E) => boolean,
  onEnd: (error: E, pauseMs: number) => Effect.Effect<void, never, R2>,
): Effect.Effect<never, never, R | R2> =>
  Effect.gen(function* () {
    let failures = 0
    while (true) {
      const [lasted, exit] = yield* Effect.timed(Effect.result(session))
      failures = Duration.toMillis(lasted) >= goodMs ? 1 : failures + 1
      const random = yield* Random.next
      const settled = exit._tag === "Failure" && isSettled(exit.failure)
      const pause = settled ? Math.round(settledMs * (0.75 + random / 2)) : pauseMs(failures, random)
      if (exit._tag === "Failure") yield* onEnd(exit.failure, pause)
      yield* Effect.sleep(pause)
    }
  })
