import { describe, expect, it } from "vitest"
import { type Answer, afterCheck, notChecked, pauseMs } from "./checking.ts"

const after = (...answers: ReadonlyArray<Answer>) => answers.reduce(afterCheck, notChecked)

describe("a peer", () => {
  it("is unreachable after two failures in a row, and reachable after one answer", () => {
    expect(after(null).unreachable).toBe(false)
    expect(after(null, "heard", null).unreachable).toBe(false)
    expect(after(null, null).unreachable).toBe(true)
    expect(after("heard", null, null, null).unreachable).toBe(true)
    expect(after(null, null, "lost").unreachable).toBe(false)
  })

  it("is quoted for as long as it is reachable", () => {
    expect(after("lost").said).toBe("lost")
    expect(after("lost", null).said).toBe("lost")
    expect(after("lost", null, null).said).toBeNull()
    expect(after("lost", "heard").said).toBe("heard")
  })

  it("is asked about every two seconds", () => {
    expect([0, 0.5, 1].map(pauseMs)).toEqual([1_800, 2_000, 2_200])
  })
})
