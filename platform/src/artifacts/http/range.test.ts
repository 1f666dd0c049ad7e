import fc from "fast-check"
import { expect, it } from "vitest"
import { parseRange } from "./range.ts"

it.each([
  ["bytes=0-0", { start: 0, end: 0 }],
  ["bytes=5-", { start: 5, end: 99 }],
  ["bytes=5-1000", { start: 5, end: 99 }],
  ["bytes=-10", { start: 90, end: 99 }],
  ["bytes=-1000", { start: 0, end: 99 }],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=9-5", null],
  ["bytes=0-1,5-6", null],
  ["bytes=-", null],
  ["lines=0-1", null],
  ["", null],
])("reads %j of 100 bytes", (header, range) => {
  expect(parseRange(header, 100)).toEqual(range)
})

it("never leads outside", () => {
  fc.assert(
    fc.property(fc.nat(), fc.option(fc.nat()), fc.option(fc.nat()), (size, start, end) => {
      const range = parseRange(`bytes=${start ?? ""}-${end ?? ""}`, size)
      if (range === null || range === "unsatisfiable") return
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.end).toBeLessThan(size)
      expect(range.end).toBeGreaterThanOrEqual(range.start)
    }),
  )
})
