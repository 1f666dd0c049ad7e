import { describe, expect, it } from "vitest"
import { peerEntries } from "./peerEntries.ts"

describe("what the proxy knows of peers", () => {
  it("leads from a claim to nothing but what is accepted", () => {
    const entries = peerEntries({ workerId: "wrk", platformIsLost: true, sent: "s1", accepted: ["s1", "s2"] })
    const known = Array.from(entries).filter(([key]) => key.startsWith("known/"))
    expect(known).toEqual([
      ["known/s1", "peer"],
      ["known/s2", "peer"],
    ])
    expect(entries.get("platform")).toBe("lost")
  })

  it("accepts nobody while there is no secret", () => {
    const entries = peerEntries({ workerId: null, platformIsLost: false, sent: null, accepted: [] })
    expect(Array.from(entries)).toEqual([["platform", "heard"]])
  })
})
