import { describe, expect, it } from "vitest"
import { brakeHolds, lingerMs, nextBrake, type Silence } from "./brake.ts"

describe("the brake", () => {
  it.each([
    [0, 3, false],
    [1, 3, false],
    [2, 3, true],
    [1, 2, true],
    [1, 1, true],
    [0, 0, false],
    [2, 5, false],
    [3, 5, true],
  ])("of %d silent ones of %d: %s", (silent, of, holds) => expect(brakeHolds(silent, of)).toBe(holds))

  const silence = (lost: number, quiet = lost): Silence => ({ lost, quiet, of: 5 })
  const firm = nextBrake(null, silence(3), 0)

  it("holds when half of the fleet is lost", () => {
    expect(firm).toMatchObject({ firm: true, silent: 3, of: 5 })
    expect(nextBrake(null, silence(2), 0)).toBeNull()
  })
  it("waits with the first one while others have been quiet for a while too", () => {
    expect(nextBrake(null, silence(1, 3), 0)).toMatchObject({ firm: false })
    expect(nextBrake(null, silence(0, 5), 0)).toBeNull()
    const waiting = nextBrake(null, silence(1, 3), 0)
    expect(nextBrake(waiting, silence(1), 500)).toBeNull()
    expect(nextBrake(waiting, silence(3), 500)).toMatchObject({ firm: true })
  })
  it("gives those that come back after the others the time for it", () => {
    expect(nextBrake(firm, silence(1), lingerMs - 1)).toMatchObject({ firm: true, silent: 1 })
    expect(nextBrake(firm, silence(1), lingerMs)).toBeNull()
    expect(nextBrake(firm, silence(0), 1)).toBeNull()
  })
})
