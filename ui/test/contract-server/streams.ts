import { Unavailable } from "@skypanel/contract/Errors"
import { Effect, Queue, Stream } from "effect"
import type { FakePlatform } from "./FakePlatform.ts"

/** What was emitted before, then what is emitted, until `end` is. */
export const follow = <A>(
  platform: FakePlatform,
  event: string,
  before: readonly A[],
  end?: string,
): Stream.Stream<A> =>
  Stream.callback<A>((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const more = (items: readonly A[]) => {
          Queue.offerAllUnsafe(queue, items)
        }
        const finish = () => {
          Queue.endUnsafe(queue)
        }
        more(before)
        platform.events.on(event, more)
        platform.events.on("drop-streams", finish)
        if (end) platform.events.on(end, finish)
        return { more, finish }
      }),
      ({ more, finish }) =>
        Effect.sync(() => {
          platform.events.off(event, more)
          platform.events.off("drop-streams", finish)
          if (end) platform.events.off(end, finish)
        }),
    ),
  )

/** Runs a call of the fake; what it throws are errors of the contract. */
export const run = <A>(platform: FakePlatform, call: () => A) =>
  Effect.suspend(() => {
    if (platform.broken)
      return Effect.fail(
        new Unavailable({ message: "The database cannot be reached.", next: "Try again in a moment." }),
      ) as never
    try {
      const answer = Effect.succeed(call())
      return platform.delayMs > 0 ? Effect.delay(answer, platform.delayMs) : answer
    } catch (error) {
      return Effect.fail(error as never)
    }
  })
