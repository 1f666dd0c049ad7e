import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { LineHeights, rowsOf } from "./LineHeights.ts"

const height = fc.integer({ min: 1, max: 400 })

describe("the heights of lines", () => {
  it("are summed and found as by counting", () => {
    fc.assert(
      fc.property(
        fc.array(height, { minLength: 1, maxLength: 70 }),
        fc.array(fc.tuple(fc.nat(), height), { maxLength: 20 }),
        fc.array(height, { maxLength: 20 }),
        (first, changes, more) => {
          const plain = [...first]
          const heights = new LineHeights()
          for (const one of first) heights.append(one)
          for (const [at, value] of changes) {
            heights.set(at % plain.length, value)
            plain[at % plain.length] = value
          }
          for (const one of more) {
            heights.append(one)
            plain.push(one)
          }
          const total = plain.reduce((sum, one) => sum + one, 0)
          expect(heights.total).toBe(total)
          let offset = 0
          plain.forEach((one, at) => {
            expect(heights.offsetOf(at)).toBe(offset)
            expect(heights.indexAt(offset)).toBe(at)
            expect(heights.indexAt(offset + one - 1)).toBe(at)
            offset += one
          })
          expect(heights.indexAt(total + 100)).toBe(plain.length - 1)
        },
      ),
    )
  })

  it("of wrapped text are told by its width", () => {
    expect(rowsOf("", 80)).toBe(1)
    expect(rowsOf("x".repeat(80), 80)).toBe(1)
    expect(rowsOf("x".repeat(81), 80)).toBe(2)
    expect(rowsOf("字".repeat(41), 80)).toBe(2)
  })
})
