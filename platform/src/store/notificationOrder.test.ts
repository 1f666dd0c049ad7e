import { describe, expect, it } from "vitest"
import { lastMillisecond } from "./notificationOrder.ts"

describe("the time that a lock's number stands for", () => {
  const period = 2n ** 31n
  const now = 800n * period + 10n

  it("is the last one with that number", () => {
    expect(lastMillisecond(10n, now)).toBe(now)
    expect(lastMillisecond(3n, now)).toBe(now - 7n)
    expect(lastMillisecond(period - 1n, now)).toBe(now - 11n)
  })

  it("is never later than now, whoever read the clock first", () => {
    expect(lastMillisecond(11n, now)).toBe(now)
    expect(lastMillisecond(0n, 800n * period - 1n)).toBe(800n * period - 1n)
  })
})
