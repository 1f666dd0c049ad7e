import { Effect, Fiber, Queue, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { expect, it } from "vitest"
import { eventTexts } from "./eventStream.ts"

it("sends each item as an event, and a comment at the start and every 15 seconds", () =>
  Effect.gen(function* () {
    const items = yield* Queue.unbounded<{ text: string }>()
    const sent: Array<string> = []
    const fiber = yield* Effect.forkChild(
      Stream.runForEach(eventTexts(Schema.Struct({ text: Schema.String }), Stream.fromQueue(items)), (text) =>
        Effect.sync(() => sent.push(text)),
      ),
    )
    yield* TestClock.adjust("0 seconds")
    yield* TestClock.adjust("14 seconds")
    expect(sent).toEqual([":\n\n"])
    yield* Queue.offer(items, { text: "one\ntwo" })
    yield* TestClock.adjust("0 seconds")
    expect(sent).toEqual([":\n\n", 'data: {"text":"one\\ntwo"}\n\n'])
    yield* TestClock.adjust("1 second")
    expect(sent.slice(2)).toEqual([":\n\n"])
    yield* TestClock.adjust("30 seconds")
    expect(sent).toHaveLength(5)
    yield* Fiber.interrupt(fiber)
  }).pipe(Effect.scoped, Effect.provide(TestClock.layer()), Effect.runPromise))
