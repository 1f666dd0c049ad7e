import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { forever, pauseMs } from "./reconnect.ts"

describe("pauseMs", () => {
  it("doubles from 0.2 s to 10 s, and spreads over the upper half", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 500].map((failures) => pauseMs(failures, 1))).toEqual([
      200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000,
    ])
    expect(pauseMs(7, 0)).toBe(5_000)
    expect(pauseMs(1, 0)).toBe(100)
  })
})

describe("forever", () => {
  it.effect("tries again ever more slowly, and quickly again after a session that lasted", () =>
    Effect.gen(function* () {
      const pauses: Array<number> = []
      let attempts = 0
      const session = Effect.suspend(() => {
        attempts += 1
        // The sixth attempt gets through and lasts a minute.
        return attempts === 6
          ? Effect.andThen(Effect.sleep("1 minute"), Effect.fail("broken"))
          : Effect.fail("refused")
      })
      const running = yield* Effect.forkChild(
        forever(
          session,
          () => false,
          (_, pause) => Effect.sync(() => pauses.push(pause)),
        ),
      )
      yield* TestClock.adjust("2 minutes")
      yield* Fiber.interrupt(running)
      for (const [index, most] of [200, 400, 800, 1600, 3200, 200, 400].entries()) {
        expect(pauses[index]).toBeLessThanOrEqual(most)
        expect(pauses[index]).toBeGreaterThanOrEqual(most / 2)
      }
    }),
  )
})
