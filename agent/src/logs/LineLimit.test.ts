import { describe, expect, it } from "vitest"
import { LineLimit } from "./LineLimit.ts"

describe("LineLimit", () => {
  it("lets so many lines through in a second, and counts the rest once the second is over", () => {
    const limit = new LineLimit(2, 1_000)
    expect([1, 1, 1, 1].map((bytes) => limit.admit(bytes, 0))).toEqual([true, true, false, false])
    expect(limit.takeDropped(999)).toBe(0)
    expect(limit.takeDropped(1_000)).toBe(2)
    expect(limit.takeDropped(1_000)).toBe(0)
    expect(limit.admit(1, 1_000)).toBe(true)
  })

  it("counts bytes too", () => {
    const limit = new LineLimit(100, 10)
    expect([6, 6].map((bytes) => limit.admit(bytes, 0))).toEqual([true, false])
  })
})
