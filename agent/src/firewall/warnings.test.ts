import { Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { makeForgedWarning, makeTableWarning } from "./warnings.ts"

/** Runs it, with time in the test's hands; gives what it logged. */
const logged = async (body: Effect.Effect<void, unknown>) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ message }) => lines.push(String(message)))
  await Effect.runPromise(body.pipe(Effect.provide(Layer.merge(Logger.layer([logger]), TestClock.layer()))))
  return lines
}

describe("the warning of forged packets", () => {
  it("says how many there were since it said so last, at most once a minute", async () => {
    let count = 0
    const look = makeForgedWarning(Effect.sync(() => count))
    const at = (value: number, after: number) =>
      Effect.gen(function* () {
        count = value
        yield* TestClock.adjust(after * 1_000)
        yield* look
      })
    const lines = await logged(
      Effect.gen(function* () {
        yield* at(0, 5)
        yield* at(3, 5)
        yield* at(10, 5)
        yield* at(10, 60)
        yield* at(10, 60)
        // The rules were put in force anew.
        yield* at(2, 60)
      }),
    )
    expect(lines.map((line) => /(\d+) were dropped/.exec(line)?.[1])).toEqual(["3", "7", "2"])
  })
})

describe("the warning of a full table of connections", () => {
  it("comes once, and again when it had been well below", async () => {
    let use = 0
    const look = makeTableWarning(Effect.sync(() => use))
    const lines = await logged(
      Effect.forEach(
        [0.5, 0.81, 0.9, 0.75, 0.85, 0.6, 0.95],
        (value) =>
          Effect.suspend(() => {
            use = value
            return look
          }),
        { discard: true },
      ),
    )
    expect(lines.map((line) => /(\d+) %/.exec(line)?.[1])).toEqual(["81", "95"])
  })
})
