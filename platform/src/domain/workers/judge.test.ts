import { defaultFleetPolicy } from "@skypanel/contract/Fleet"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { judge, type WorkerFacts } from "./judge.ts"

const well: WorkerFacts = {
  availability: "active",
  removed: false,
  joined: true,
  joining: "",
  silentMs: 100,
  heartbeatAgeMs: 10_000,
  proxyAnswers: null,
  goodbye: null,
  problems: [],
  unreachableFor: 0,
  lookedAtBy: 0,
  clockAheadMs: 0,
  quarantinedForMs: 0,
  placements: 3,
}
const judged = (more: Partial<WorkerFacts>) => judge({ ...well, ...more }, defaultFleetPolicy)

describe("judge", () => {
  it.each<readonly [string, Partial<WorkerFacts>, string, boolean, boolean, boolean]>([
    ["well", {}, "active", true, true, false],
    ["quiet for a moment", { silentMs: 5_900 }, "active", true, true, false],
    ["silent", { silentMs: 6_000, proxyAnswers: false }, "suspect", false, false, true],
    ["silent, without a proxy to ask", { silentMs: 6_000 }, "suspect", false, false, true],
    ["hung, but serving", { silentMs: 6_000, proxyAnswers: true }, "degraded", false, true, false],
    ["silent for minutes", { silentMs: 120_000, heartbeatAgeMs: 125_000 }, "unhealthy", false, false, true],
    [
      "hung for minutes, but serving",
      { silentMs: 120_000, heartbeatAgeMs: 125_000, proxyAnswers: true },
      "unhealthy",
      false,
      true,
      false,
    ],
    ["stopped", { goodbye: "stopped" }, "stopped", false, true, false],
    [
      "stopped and serving",
      { goodbye: "stopped", silentMs: 60_000, proxyAnswers: true },
      "stopped",
      false,
      true,
      false,
    ],
    [
      "shut down",
      { goodbye: "stopped", silentMs: 7_000, proxyAnswers: false },
      "suspect",
      false,
      false,
      true,
    ],
    ["new", { joined: false, joining: "It is in no cluster yet." }, "joining", false, false, false],
    ["draining", { availability: "drain" }, "draining", false, true, false],
    ["empty", { availability: "drain", placements: 0 }, "drained", false, true, false],
    ["lost while it drains", { availability: "drain", silentMs: 7_000 }, "suspect", false, false, true],
    ["without a firewall", { problems: [{ part: "firewall", text: "no" }] }, "degraded", false, true, false],
    ["flapping", { quarantinedForMs: 1_000 }, "quarantined", false, true, false],
    ["cut off from half of its peers", { unreachableFor: 1, lookedAtBy: 2 }, "degraded", false, true, false],
    ["not seen by one of three", { unreachableFor: 1, lookedAtBy: 3 }, "active", true, true, false],
    ["two hours ahead", { clockAheadMs: 7_200_000 }, "active", true, true, false],
    ["removed", { removed: true }, "removed", false, false, false],
  ])("%s", (_, more, state, takesNew, getsTraffic, lost) => {
    expect(judged(more)).toMatchObject({ state, takesNew, getsTraffic, lost })
  })

  it("says why, in a sentence", () => {
    expect(judged({ problems: [{ part: "disk", text: "only 1 GiB is left" }] }).reason).toBe(
      "Only 1 GiB is left.",
    )
    expect(judged({ clockAheadMs: 7_200_000 }).reason).toBe("Its clock is 2 hours ahead.")
    expect(judged({ clockAheadMs: -7_200_000 }).reason).toBe("Its clock is 2 hours behind.")
  })

  it("never gives anything new to one that is not active, and no traffic to one that is lost", () => {
    const facts: fc.Arbitrary<WorkerFacts> = fc.record({
      availability: fc.constantFrom("active", "drain", "remove"),
      removed: fc.boolean(),
      joined: fc.boolean(),
      joining: fc.string(),
      silentMs: fc.nat(300_000),
      heartbeatAgeMs: fc.option(fc.nat(300_000)),
      proxyAnswers: fc.option(fc.boolean()),
      goodbye: fc.option(fc.constantFrom("stopped", "upgrade", "uninstalled")),
      problems: fc.array(fc.record({ part: fc.constant("disk" as const), text: fc.string() }), {
        maxLength: 2,
      }),
      unreachableFor: fc.nat(3),
      lookedAtBy: fc.nat(3),
      clockAheadMs: fc.integer(),
      quarantinedForMs: fc.nat(10),
      placements: fc.nat(3),
    })
    fc.assert(
      fc.property(facts, (given) => {
        const { state, takesNew, getsTraffic, lost } = judge(given, defaultFleetPolicy)
        expect(takesNew).toBe(state === "active")
        if (lost) expect(getsTraffic).toBe(false)
        if (lost) expect(given.silentMs).toBeGreaterThanOrEqual(6_000)
        if (given.proxyAnswers === true) expect(lost).toBe(false)
      }),
    )
  })
})
