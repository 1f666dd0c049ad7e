import { Effect } from "effect"
import { expect, it } from "vitest"
import { FakeState } from "../../test/FakeState.ts"
import { failure } from "../../test/fixtures.ts"
import { failureLines, outcomeLines, stepChanges } from "./deployment.ts"
import { plainStyle } from "./style.ts"

it("tells each step when it begins and when it ends, once", () => {
  const state = new FakeState()
  state.auto = null
  const { service } = Effect.runSync(
    state.create({ name: "hello", source: { _tag: "template", template: "nodejs" } }),
  )
  const held = state.services.get(service.name)!
  const seen = [{ ...state.at(held, 1) }]
  for (let step = 0; step < 5; step++) {
    state.advance(held, 1)
    seen.push({ ...state.at(held, 1) })
  }
  const told = seen.flatMap((now, index) => stepChanges(seen[index - 1] ?? null, now, plainStyle))
  const names = told.map((line) => line.replace(/ {2,}.*/, ""))
  expect(names).toEqual([
    "… queued",
    "✓ queued",
    "… building",
    "✓ building",
    "… publishing",
    "✓ publishing",
    "… rolling-out",
    "✓ rolling-out",
    "… verifying",
    "✓ verifying",
  ])
  expect(stepChanges(seen.at(-1)!, seen.at(-1)!, plainStyle)).toEqual([])
  expect(outcomeLines(seen.at(-1)!, plainStyle)).toEqual([
    "✓ release 1 live in 1.5 s, image 38.1 MiB of which 11.7 KiB new",
  ])
  const receipt = { ...seen.at(-1)!.receipt!, unchanged: true }
  expect(outcomeLines({ ...seen.at(-1)!, receipt }, plainStyle)[0]).toBe(
    "✓ nothing changed: release 1 serves already",
  )
})

it("says what went wrong, where, the lines that matter and what to do, and nothing that steers a terminal", () => {
  expect(failureLines(failure, plainStyle)).toEqual([
    "✗ The Nix expression has a syntax error",
    "  at default.nix, line 3, column 2",
    "  unexpected '}'",
    "  │   2 | {",
    "  │   3 | }}",
    "  │     | ^",
    "  Next: Correct line 3 and deploy again.",
  ])
})
