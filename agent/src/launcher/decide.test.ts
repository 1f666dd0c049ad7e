import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { attemptsMost, decide, type VersionState } from "./decide.ts"

const [a, b, c] = ["a", "b", "c"].map((digit) => digit.repeat(64)) as [string, string, string]
const state = (more: Partial<VersionState>): VersionState => ({
  ...{ current: a, previous: null, next: null, confirmed: a, failed: [], whole: [a, b, c] },
  ...more,
})

describe("decide", () => {
  it("runs the current version when no other waits", () => {
    expect(decide(state({}))).toEqual({ do: "run", sha256: a })
  })

  it("tries one that waits", () => {
    expect(decide(state({ next: { sha256: b, attempts: 0 } }))).toEqual({ do: "try", sha256: b })
  })

  it("promotes one that was confirmed before the power failed", () => {
    expect(decide(state({ next: { sha256: b, attempts: 1 }, confirmed: b }))).toEqual({
      do: "promote",
      sha256: b,
    })
    expect(decide(state({ next: { sha256: a, attempts: 1 }, confirmed: b }))).toEqual({
      do: "promote",
      sha256: a,
    })
  })

  it("tries none that has failed, is damaged, or takes the machine down each time", () => {
    expect(decide(state({ next: { sha256: b, attempts: 0 }, failed: [b] }))).toMatchObject({ do: "reject" })
    expect(decide(state({ next: { sha256: b, attempts: 0 }, whole: [a] }))).toMatchObject({ do: "reject" })
    expect(decide(state({ next: { sha256: b, attempts: attemptsMost } }))).toMatchObject({ do: "reject" })
  })

  it("falls back to the version before, and to whatever is there", () => {
    expect(decide(state({ previous: b, whole: [c, b] }))).toEqual({ do: "run", sha256: b })
    expect(decide(state({ previous: b, whole: [c] }))).toEqual({ do: "run", sha256: c })
    expect(decide(state({ current: null, whole: [c] }))).toEqual({ do: "run", sha256: c })
    expect(decide(state({ whole: [] }))).toEqual({ do: "nothing" })
  })

  it("starts something, whatever is on the disk, as long as one version is whole", () => {
    const version = fc.constantFrom(a, b, c)
    const states = fc.record({
      current: fc.option(version),
      previous: fc.option(version),
      next: fc.option(fc.record({ sha256: version, attempts: fc.nat(5) })),
      confirmed: fc.option(version),
      failed: fc.uniqueArray(version),
      whole: fc.uniqueArray(version, { minLength: 1 }),
    })
    fc.assert(
      fc.property(states, (first) => {
        let now: VersionState = first
        for (let step = 0; step < 3; step++) {
          const plan = decide(now)
          if (plan.do === "run" || plan.do === "try") return now.whole.includes(plan.sha256)
          if (plan.do === "nothing") return false
          // As the launcher does: after either of them no other version waits.
          now = { ...now, current: plan.do === "promote" ? plan.sha256 : now.current, next: null }
        }
        return false
      }),
    )
  })
})
