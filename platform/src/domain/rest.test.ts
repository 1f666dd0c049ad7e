import { describe, expect, it } from "vitest"
import { restMs } from "./rest.ts"

describe("the rest after a look at everything", () => {
  it("is as short as wanted while a look costs little", () => {
    expect(restMs(0, 2_000)).toBe(2_000)
    expect(restMs(50, 2_000)).toBe(2_000)
  })

  it("is so long that looking takes no more than a twentieth of the time", () => {
    for (const tookMs of [200, 5_000]) expect(tookMs / (tookMs + restMs(tookMs, 2_000))).toBeCloseTo(1 / 20)
  })
})
