import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { chart, highestOfSpans } from "./chart.ts"

describe("chart", () => {
  it("is as high as the value's share", () => {
    expect(chart([0, 50, 99, 100], 100)).toBe("▁▅██")
  })

  it("shows where nothing was measured", () => {
    expect(chart([null, 0, null], 100)).toBe("·▁·")
  })

  it("stays in its line, whatever the values", () => {
    const value = fc.option(fc.double({ noNaN: true }), { nil: null })
    fc.assert(
      fc.property(fc.array(value), fc.double({ noNaN: true }), (values, most) => {
        expect([...chart(values, most)]).toHaveLength(values.length)
      }),
      { examples: [[[Number.POSITIVE_INFINITY], Number.POSITIVE_INFINITY]] },
    )
  })
})

describe("highestOfSpans", () => {
  it("takes the highest of each span, and the last instant with the last one", () => {
    const points = [
      { at: 0, value: 1 },
      { at: 24, value: 7 },
      { at: 26, value: 3 },
      { at: 100, value: 5 },
    ]
    expect(highestOfSpans(points, { from: 0, to: 100 }, 4)).toEqual([7, 3, null, 5])
  })

  it("leaves out what was before", () => {
    expect(highestOfSpans([{ at: -1, value: 9 }], { from: 0, to: 10 }, 2)).toEqual([null, null])
  })
})
