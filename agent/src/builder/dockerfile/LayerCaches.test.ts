import { expect, test } from "vitest"
import { leaving } from "./LayerCaches.ts"

const kept = (id: string, bytes: number, usedAt: number) => ({ id, bytes, usedAt })
const limits = { serviceBytes: 60, allBytes: 100, keptMs: 1000 }

test("the longest unused leave until the others fit", () => {
  expect(leaving([kept("a", 40, 1), kept("b", 40, 3), kept("c", 40, 2)], limits, 4)).toEqual(["a"])
  expect(leaving([kept("a", 40, 1), kept("b", 60, 2)], limits, 4)).toEqual([])
})

test("one that is too large, or was not used for long, leaves whatever room there is", () => {
  expect(leaving([kept("a", 61, 4), kept("b", 1, 4)], limits, 4)).toEqual(["a"])
  expect(leaving([kept("a", 1, 4)], limits, 1005)).toEqual(["a"])
})
