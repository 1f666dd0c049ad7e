import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { adviceOf, calm, type Measured, nextWatch, percentOf, type Watch } from "./alerts.ts"

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

describe("of a disk", () => {
  const GiB = 2 ** 30
  const measured = (images: Measured["images"]): Measured => ({
    health: { load1: 0, cpuPercent: 0, memoryUsedBytes: 0, diskUsedBytes: 30 * GiB },
    images,
  })
  const images = {
    bytes: 12 * GiB,
    count: 9,
    spare: 0,
    disk: { totalBytes: 50 * GiB, usedBytes: 46 * GiB },
    removed: [],
    problem: null,
  }
  const capacity = { cpu: 1, memoryBytes: 1, diskBytes: 100 * GiB }

  it("the fuller one counts, where images have one of their own", () => {
    expect(percentOf("disk", measured(null), capacity)).toBe(30)
    expect(percentOf("disk", measured(images), capacity)).toBe(92)
  })

  it("one is told what its images take, and what can be done", () => {
    const advice = "Enlarge the disk, look what else is on it, or drain the worker."
    expect(adviceOf("disk", measured(images))).toBe(
      `Its images take up to 12 GiB of 50 GiB, and none of them can be spared. ${advice}`,
    )
    expect(adviceOf("disk", measured({ ...images, spare: 2, problem: "no answer in 60 s" }))).toBe(
      `Its images take up to 12 GiB of 50 GiB, and 2 of them can be spared, which the worker removes. One could not be removed: no answer in 60 s. ${advice}`,
    )
    expect(adviceOf("cpu", measured(images))).toBe("Drain the worker, or add another one.")
  })
})
