import { Deferred, Effect, Fiber, PubSub, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { type RowChange, withGaps } from "./Changes.ts"

const change = (service: string): RowChange => ({
  table: "service",
  organization: null,
  service,
  deployment: null,
  build: null,
  worker: null,
})

describe("a follower of changes", () => {
  it("that was too slow is told that it missed some, and nothing else is", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.sliding<{ number: number; change: RowChange }>(4)
      const subscription = yield* PubSub.subscribe(pubsub)
      const publish = (...numbers: ReadonlyArray<number>) =>
        Effect.forEach(numbers, (number) => PubSub.publish(pubsub, { number, change: change(`${number}`) }))
      const [busy, free] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const taken: Array<string | null> = []
      const take = ({ table, service }: RowChange) =>
        Effect.gen(function* () {
          taken.push(table === null ? "missed" : service)
          if (service !== "2") return
          yield* Deferred.succeed(busy, undefined)
          yield* Deferred.await(free)
        })
      const follower = yield* withGaps(Stream.fromSubscription(subscription)).pipe(
        Stream.take(7),
        Stream.runForEach(take),
        Effect.forkScoped,
      )
      yield* publish(1, 2)
      yield* Deferred.await(busy)
      yield* publish(3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
      yield* Deferred.succeed(free, undefined)
      yield* Fiber.join(follower)
      expect(taken).toEqual(["1", "2", "missed", "9", "10", "11", "12"])
    }).pipe(Effect.scoped, Effect.runPromise))
})
