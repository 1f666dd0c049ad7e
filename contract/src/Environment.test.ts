import { Result, Schema } from "effect"
import { expect, it } from "vitest"
import { Environment } from "./Environment.ts"

const read = Schema.decodeUnknownResult(Environment)

it("keeps every variable", () => {
  expect(Result.getOrThrow(read({ A: "1", _b2: "" }))).toEqual({ A: "1", _b2: "" })
})

it.each([{ PORT: "1" }, { "1A": "x" }, { "A-B": "x" }, { "": "x" }, { A: "nul\0" }])(
  "refuses %j instead of dropping it",
  (variables) => {
    expect(Result.isFailure(read({ OK: "y", ...variables }))).toBe(true)
  },
)
