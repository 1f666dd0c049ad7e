import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { changeBetween, entriesOf, sizeOf, textOf } from "./mapChange.ts"

const entries = fc
  .array(fc.tuple(fc.stringMatching(/^[a-z]{1,2}$/), fc.stringMatching(/^[a-z0-9:/]{1,3}$/)))
  .map((pairs) => new Map(pairs))

describe("the change between two maps", () => {
  it("makes the one of the other", () => {
    fc.assert(
      fc.property(entries, entries, (before, after) => {
        const change = changeBetween(before, after)
        const map = new Map(before)
        for (const [key, value] of change.added) {
          expect(map.has(key)).toBe(false)
          map.set(key, value)
        }
        for (const [key, value] of change.set) {
          expect(map.get(key)).not.toBe(value)
          map.set(key, value)
        }
        for (const key of change.removed) expect(map.delete(key)).toBe(true)
        expect(textOf(map)).toBe(textOf(after))
        expect(sizeOf(changeBetween(after, after))).toBe(0)
      }),
    )
  })
})

describe("a map as text", () => {
  it("is read again as it was", () => {
    fc.assert(
      fc.property(entries, (map) => {
        expect(entriesOf(textOf(map))).toEqual(map)
      }),
    )
  })

  it("has its lines in the order of the keys", () => {
    expect(textOf(new Map(Object.entries({ b: "1", a: "2" })))).toBe("a 2\nb 1\n")
  })

  it("leaves out what is no entry", () => {
    expect(entriesOf("\na\n b\nc d e\n")).toEqual(new Map([["c", "d e"]]))
  })
})
