import { Effect, PubSub, Stream } from "effect"

/** Tells others that something is different now; they look themselves what. Many changes may become one. */
export interface Changes {
  readonly tell: Effect.Effect<void>
  /** For callbacks. */
  readonly tellUnsafe: () => void
  /** Begins with one tick, so that a follower never misses what was before it came. */
  readonly stream: Stream.Stream<void>
}

export const makeChanges: Effect.Effect<Changes> = Effect.gen(function* () {
  const ticks = yield* PubSub.sliding<void>({ capacity: 1, replay: 1 })
  yield* PubSub.publish(ticks, undefined)
  return {
    tell: Effect.asVoid(PubSub.publish(ticks, undefined)),
    tellUnsafe: () => {
      PubSub.publishUnsafe(ticks, undefined)
    },
    stream: Stream.fromPubSub(ticks),
  }
})
