import { Deferred, Effect, type Scope } from "effect"

/**
 * Runs an effect once for all who ask for the same key at the same time. It goes on in the scope when they leave.
 */
export const singleFlight = <A, E, R>(
  scope: Scope.Scope,
  run: (key: string) => Effect.Effect<A, E, R>,
): ((key: string) => Effect.Effect<A, E, R>) => {
  const flights = new Map<string, Deferred.Deferred<A, E>>()
  return (key) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const going = flights.get(key)
        if (going !== undefined) return yield* restore(Deferred.await(going))
        const flight = Deferred.makeUnsafe<A, E>()
        flights.set(key, flight)
        yield* Effect.interruptible(run(key)).pipe(
          Effect.onExit((exit) =>
            Effect.suspend(() => {
              flights.delete(key)
              return Deferred.done(flight, exit)
            }),
          ),
          Effect.forkIn(scope),
        )
        return yield* restore(Deferred.await(flight))
      }),
    )
}
