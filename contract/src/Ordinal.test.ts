import { Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Ordinal, OrdinalFromString } from "./Ordinal.ts"

const read = Schema.decodeUnknownResult(OrdinalFromString)

describe("a number in a path", () => {
  it.each(["0", "1", "2147483647"])("may be %s", (text) => {
    expect(Result.getOrNull(read(text))).toBe(Number(text))
    expect(Schema.is(Ordinal)(Number(text))).toBe(true)
  })

  it.each(["2147483648", "1099511627776", "1e300", "-1", "1.5", "x", "Infinity", "NaN"])(
    "is not %j",
    (text) => {
      expect(Result.isFailure(read(text))).toBe(true)
      expect(Schema.is(Ordinal)(Number(text))).toBe(false)
    },
  )

  it("is said to be too large where it is", () => {
    expect(String(Result.getOrThrow(Result.flip(read("2147483648"))))).toContain(
      "a number here is between 0 and 2147483647",
    )
  })
})
