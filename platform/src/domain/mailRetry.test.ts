import { describe, expect, it } from "vitest"
import { nextMailTry } from "./mailRetry.ts"

const deferred = (deferrals: number, ageSeconds = 60) =>
  nextMailTry({ reason: "deferred", deferrals, ageSeconds })
const unavailable = (ageSeconds: number) => nextMailTry({ reason: "unavailable", deferrals: 0, ageSeconds })

describe("an e-mail that was not taken", () => {
  it("is tried again later and later, and given up at the eighth time", () => {
    const minutes = [1, 2, 3, 4, 5, 6, 7].map((times) => deferred(times)! / 60)
    expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60])
    expect(deferred(8)).toBe(null)
  })

  it("waits for a mail server that is down for as long as it has waited, within a minute and an hour", () => {
    expect([0, 59, 600, 7_200].map(unavailable)).toEqual([60, 60, 600, 3_600])
  })

  it("loses none of its eight times to a mail server that is down", () => {
    expect(nextMailTry({ reason: "unavailable", deferrals: 7, ageSeconds: 0 })).toBe(60)
  })

  it("is given up after a day", () => {
    expect(unavailable(86_399)).toBe(3_600)
    expect(unavailable(86_400)).toBe(null)
    expect(deferred(1, 86_400)).toBe(null)
  })
})
