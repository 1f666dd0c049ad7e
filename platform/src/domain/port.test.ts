import { describe, expect, it } from "vitest"
import { reachedBy, whyNotReached } from "./port.ts"

const before = { port: 8080, healthPath: "/ok" }

describe("where a service is asked", () => {
  it("stays as it was where nothing is said", () => {
    expect(reachedBy({}, before)).toEqual(before)
    expect(reachedBy({ port: 3000 }, before)).toEqual({ port: 3000, healthPath: "/ok" })
    expect(reachedBy({ healthPath: null }, before)).toEqual({ port: 8080, healthPath: null })
  })

  it("is nowhere without a port: the health path of before goes along", () => {
    expect(reachedBy({ port: null }, before)).toEqual({ port: null, healthPath: null })
    expect(reachedBy({ port: 80 }, { port: null, healthPath: null })).toEqual({ port: 80, healthPath: null })
  })

  it("contradicts itself with a health path that is asked for without a port", () => {
    const wrong = reachedBy({ port: null, healthPath: "/ok" }, before)
    expect(whyNotReached(wrong)).toBe("a service without a port has no health path")
    expect(whyNotReached(reachedBy({ healthPath: "/" }, { port: null, healthPath: null }))).not.toBeNull()
    expect(whyNotReached(before)).toBeNull()
    expect(whyNotReached({ port: null, healthPath: null })).toBeNull()
  })
})
