import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { editDistance, nearestNames } from "./NearestName.ts"

describe("the distance of two words", () => {
  test.each([
    ["hello", "hello", 0],
    ["helo", "hello", 1],
    ["pgks", "pkgs", 1],
    ["kitten", "sitting", 3],
  ])("%s and %s", (a, b, distance) => expect(editDistance(a, b, 5)).toBe(distance))
  test("is the same in both directions, and cut at its bound", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b, 20)).toBe(editDistance(b, a, 20))
        expect(editDistance(a, b, 2)).toBe(Math.min(3, editDistance(a, b, 20)))
      }),
    )
  })
})

test("the nearest names come first, and far ones not at all", () => {
  expect(nearestNames("nodejs20", ["nodejs_20", "nodejs", "python"])).toEqual(["nodejs_20", "nodejs"])
  expect(nearestNames("x", ["hello"])).toEqual([])
})
