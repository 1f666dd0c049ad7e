import { expect, it } from "vitest"
import { msUntilSteady, steadiness } from "./Steadiness.ts"

const startedAt = "2026-01-01T00:00:00.000Z"
const after = (ms: number) => msUntilSteady(startedAt, Date.parse(startedAt) + ms)

it("a process is steady ten seconds after its start, and one of long ago at once", () => {
  expect(after(0)).toBe(10_000)
  expect(after(9_999)).toBe(1)
  expect(after(10_000)).toBe(0)
  expect(after(86_400_000)).toBe(0)
})

it("a clock that was set back keeps nobody waiting for longer than that", () => {
  expect(after(-86_400_000)).toBe(10_000)
})

it("says in words what is waited for, and what was seen", () => {
  expect(steadiness(false)).toEqual({ healthy: false, words: "its process has to stay up for 10 s" })
  expect(steadiness(true)).toEqual({ healthy: true, words: "its process has stayed up for 10 s" })
})
