import { Clock, Duration, Effect, Stream } from "effect"
import { isHttpClientError } from "effect/http/HttpClientError"

/** How long a platform may be away (it may be restarted) before what follows it gives up. */
export const patience = Duration.seconds(90)
const pauses = [100, 250, 500, 1000, 2000]

/** Would the same request perhaps be answered later? */
export const isPassing = (error: unknown): boolean => {
  if (isHttpClientError(error)) {
    const status = error.response?.status
    // A body that broke off comes as a decoding error of an answer that began well.
    return status === undefined || status < 300 || status === 429 || status >= 500
  }
  const tag = typeof error === "object" && error !== null && "_tag" in error ? error._tag : ""
  return tag === "Unavailable" || tag === "PlatformUnreachable" || tag === "SseError"
}

/** Asks again while the platform is away, for as long as `patience`. Only for requests that change nothing. */
export const whileAway = <A, E, R>(request: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    for (let attempt = 0; ; attempt++) {
      const outcome = yield* Effect.result(request)
      if (outcome._tag === "Success") return outcome.success
      const away = (yield* Clock.currentTimeMillis) - begun
      if (!isPassing(outcome.failure) || away > Duration.toMillis(patience))
        return yield* Effect.fail(outcome.failure)
      yield* Effect.sleep(pauses[Math.min(attempt, pauses.length - 1)]!)
    }
  })

/**
 * Reads a stream to its end, and opens it again when it is cut. `open` is called for each connection and must ask
 * for what has not been seen; `ended` tells whether an end that looks regular is one (a platform that stops closes
 * its streams too). Fails when it cannot be opened for longer than `patience`.
 */
export const follow = <A, E, E2, R, R2, E3, R3, R4>(options: {
  readonly open: () => Effect.Effect<Stream.Stream<A, E, R>, E2, R2>
  readonly each: (item: A) => Effect.Effect<void, never, R4>
  readonly ended: Effect.Effect<boolean, E3, R3>
}) =>
  Effect.gen(function* () {
    let quiet = 0
    while (true) {
      const stream = yield* whileAway(Effect.suspend(options.open))
      let items = 0
      const outcome = yield* stream.pipe(
        Stream.runForEach((item) => {
          items += 1
          return options.each(item)
        }),
        Effect.result,
      )
      if (outcome._tag === "Failure" && !isPassing(outcome.failure))
        return yield* Effect.fail(outcome.failure)
      if (outcome._tag === "Success" && (yield* whileAway(options.ended))) return
      quiet = items === 0 ? quiet + 1 : 0
      yield* Effect.sleep(pauses[Math.min(quiet, pauses.length - 1)]!)
    }
  })
