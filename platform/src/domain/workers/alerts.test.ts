import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { calm, nextWatch, type Watch } from "./alerts.ts"

/** Measurements half a minute apart, against 90 % for five minutes. */
const told = (percents: ReadonlyArray<number>) => {
  let watch: Watch = calm
  return percents.map((percent, at) => {
    const step = nextWatch(watch, percent, 90, 300_000, at * 30_000)
    watch = step.watch
    return step.tell
  })
}
const times = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)

describe("an alert", () => {
  it("starts once, when it has lasted, and ends once", () => {
    const steps = told([...times(20, 95), ...times(5, 50)])
    expect(steps.indexOf("started")).toBe(10)
    expect(steps.indexOf("ended")).toBe(20)
    expect(steps.filter((step) => step !== null)).toEqual(["started", "ended"])
  })
  it("is none for a peak", () =>
    expect(told([95, 95, 50, 95, 95, 50]).every((step) => step === null)).toBe(true))
  it("does not end and start again for what stays at its limit", () => {
    const wobbling = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 91 : 89.5))
    expect(told([...times(11, 95), ...wobbling]).filter((step) => step !== null)).toEqual(["started"])
  })
  it("always starts before it ends, and the two take turns", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 200 }), (percents) => {
        const steps = told(percents).filter((step) => step !== null)
        const turns = steps.map((_, at) => (at % 2 === 0 ? "started" : "ended"))
        expect(steps).toEqual(turns)
      }),
    )
  })
})
