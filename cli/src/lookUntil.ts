import { Duration, Effect, Queue, Stream } from "effect"
import { follow, whileAway } from "./follow.ts"
import type { Client } from "./Platform.ts"

/** Changes are told by the platform; this is for one that got lost. */
const lookAgain = Duration.seconds(2)

/** Opens a stream that says something whenever something changed, no matter what. */
type Changes<E, E2> = () => Effect.Effect<Stream.Stream<unknown, E>, E2>

export const changesOf = (client: Client, organization: string) => () =>
  client.events.follow({ params: { organization } })

export const changesOfFleet = (client: Client) => () => client.fleet.follow()

/** Calls `look` now, at each change and every two seconds, until it gives something. */
export const lookUntil = <A, E, R, E2, E3>(changes: Changes<E2, E3>, look: Effect.Effect<A | null, E, R>) =>
  Effect.gen(function* () {
    const bell = yield* Queue.sliding<void>(1)
    const ring = Queue.offer(bell, undefined).pipe(Effect.asVoid)
    yield* Effect.forkScoped(
      follow({ open: changes, each: () => ring, ended: Effect.succeed(false) }).pipe(Effect.ignore),
    )
    yield* Effect.forkScoped(Stream.tick(lookAgain).pipe(Stream.runForEach(() => ring)))
    while (true) {
      const found = yield* whileAway(look)
      if (found !== null) return found
      yield* Queue.take(bell)
    }
  }).pipe(Effect.scoped)
