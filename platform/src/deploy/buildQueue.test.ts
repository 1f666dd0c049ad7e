import { Effect, Fiber, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { expect, it } from "vitest"
import type { RowChange } from "../store/Changes.ts"
import { dealWhenChanged } from "./buildQueue.ts"

const logged = { table: "build" } as RowChange

it("deals at once what changes, then four times a second at most, however much changes", () =>
  Effect.gen(function* () {
    const changes = yield* Queue.unbounded<RowChange>()
    let dealt = 0
    const fiber = yield* Effect.forkChild(
      dealWhenChanged(
        Stream.fromQueue(changes),
        Effect.sync(() => void dealt++),
      ),
    )
    yield* TestClock.adjust("0 seconds")
    yield* TestClock.adjust("500 millis")
    expect(dealt).toBe(1)
    yield* Queue.offer(changes, logged)
    yield* TestClock.adjust("0 seconds")
    expect(dealt).toBe(2)
    for (let at = 0; at < 40; at++) {
      yield* Queue.offer(changes, logged)
      yield* TestClock.adjust("10 millis")
    }
    expect(dealt).toBe(3)
    // The last one is not forgotten.
    yield* TestClock.adjust("100 millis")
    expect(dealt).toBe(4)
    yield* Fiber.interrupt(fiber)
  }).pipe(Effect.scoped, Effect.provide(TestClock.layer()), Effect.runPromise))
