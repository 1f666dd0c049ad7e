import { expect, it } from "vitest"
import { formatLeft, formatSpan } from "./time.ts"

it.each([
  [0, "no time"],
  [-5, "no time"],
  [40, "40 s"],
  [89.2, "90 s"],
  [91, "2 min"],
  [3599, "60 min"],
  [7200, "2 h 00 min"],
])("%d seconds ahead is %s", (seconds, text) => {
  expect(formatLeft(seconds * 1000, 0)).toBe(text)
})

it.each([
  [2, "a moment"],
  [40, "40 sec"],
  [600, "10 min"],
  [90_000, "1 day"],
  [3 * 86_400, "3 days"],
  [40 * 86_400, "1 mo."],
  [400 * 86_400, "1 yr."],
])("%d seconds long is %s", (seconds, text) => {
  expect(formatSpan(0, seconds * 1000)).toBe(text)
})
