import type { Drain } from "@skypanel/contract/Worker"
import { describe, expect, it } from "vitest"
import { progressOf } from "./drain.ts"

const drain = (total: number, left: number): Drain => ({
  startedAt: "2026-01-01T00:00:00.000Z",
  deadlineAt: "2026-01-01T00:15:00.000Z",
  startedBy: "ada@example.org",
  total,
  left,
  stuck: [],
})
const at = (minutes: number): number => Date.parse("2026-01-01T00:00:00.000Z") + minutes * 60_000

describe("the progress of a drain", () => {
  it.each([
    [12, 12, 0, "0 of 12 moved"],
    [12, 3, 0.75, "9 of 12 moved"],
    [12, 0, 1, "12 of 12 moved"],
    [0, 0, 1, "Nothing ran there."],
    [2, 5, 0, "0 of 2 moved"],
  ])("of %i with %i left is %f: %s", (total, left, share, text) => {
    expect(progressOf(drain(total, left), at(1))).toMatchObject({ share, text })
  })

  it("is late when something is left at the deadline", () => {
    expect(progressOf(drain(5, 1), at(16)).late).toBe(true)
    expect(progressOf(drain(5, 1), at(14)).late).toBe(false)
    expect(progressOf(drain(5, 0), at(16)).late).toBe(false)
  })
})
