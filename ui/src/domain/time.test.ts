import { expect, it } from "vitest"
import { formatLeft } from "./time.ts"

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
