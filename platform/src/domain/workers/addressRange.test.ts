import { describe, expect, it } from "vitest"
import { isInRange, isRange } from "./addressRange.ts"

describe("an address range", () => {
  it.each(["192.0.2.0/24", "192.0.2.7", "2001:db8::/32", "::1"])("%s is one", (text) =>
    expect(isRange(text)).toBe(true),
  )
  it.each(["", "192.0.2.0/33", "192.0.2", "example.com", "2001:db8::/129", "192.0.2.0/24/8"])(
    "%s is none",
    (text) => expect(isRange(text)).toBe(false),
  )
  it.each([
    ["192.0.2.7", "192.0.2.0/24", true],
    ["::ffff:192.0.2.7", "192.0.2.0/24", true],
    ["192.0.3.7", "192.0.2.0/24", false],
    ["192.0.2.7", "192.0.2.7", true],
    ["2001:db8::1", "2001:db8::/32", true],
    ["2001:db8::1", "192.0.2.0/24", false],
    ["nobody", "192.0.2.0/24", false],
    ["192.0.2.7", "nowhere", false],
  ])("%s in %s: %s", (address, range, inside) => expect(isInRange(address, range)).toBe(inside))
})
