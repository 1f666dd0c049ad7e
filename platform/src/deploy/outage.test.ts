import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Ref } from "effect"
import { TestClock } from "effect/testing"
import { canceled } from "../domain/failures.ts"
import { DeploymentFailed } from "./DeploymentFailed.ts"
import { outage, passes } from "./outage.ts"

/** How often something that always fails is tried within each of these times. */
const attempts = (...times: ReadonlyArray<"1 second" | "1 minute" | "5 minutes">) =>
  Effect.gen(function* () {
    const count = yield* Ref.make(0)
    const failing = Effect.andThen(
      Ref.update(count, (n) => n + 1),
      Effect.fail("down"),
    )
    const fiber = yield* Effect.forkChild(Effect.retry(failing, outage).pipe(Effect.exit))
    const seen: Array<number> = []
    for (const time of times) {
      yield* TestClock.adjust(time)
      seen.push(yield* Ref.get(count))
    }
    yield* Fiber.interrupt(fiber)
    return seen
  })

it.effect("is tried again soon at first, every five seconds later, and not for ever", () =>
  Effect.gen(function* () {
    const [second, minute, end] = yield* attempts("1 second", "1 minute", "5 minutes")
    assert.isAtLeast(second!, 4)
    assert.isAtLeast(minute! - second!, 12)
    assert.isBelow(end!, 60)
    assert.strictEqual((yield* attempts("5 minutes", "5 minutes")).at(0), end)
  }),
)

it("is not what a deployment ended for", () => {
  assert.isFalse(passes(new DeploymentFailed({ failure: canceled("building", "enough") })))
  assert.isTrue(passes(new Error("connection reset")))
})
