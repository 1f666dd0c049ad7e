import { describe, expect, it } from "vitest"
import { startupGrace } from "./startupGrace.ts"

describe("workers that were there before the platform's start", () => {
  it("have a quarter of a minute to come back", () => {
    const grace = startupGrace(1_000)
    for (const now of [1_500, 6_000]) grace.cameBack(now)
    expect(grace.until()).toBe(16_000)
  })

  it("have longer while others come back all the time, but not for ever", () => {
    const grace = startupGrace(0)
    for (let now = 0; now < 60_000; now += 100) grace.cameBack(now)
    expect(grace.until()).toBe(64_900)
    for (let now = 60_000; now < 600_000; now += 100) grace.cameBack(now)
    expect(grace.until()).toBe(300_000)
  })

  it("have no more once nobody came for a while", () => {
    const grace = startupGrace(0)
    grace.cameBack(12_000)
    grace.cameBack(18_000)
    expect(grace.until()).toBe(17_000)
  })
})
