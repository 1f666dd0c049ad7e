import { describe, expect, it } from "vitest"
import { whyNoAddress } from "./networkAddresses.ts"

describe("an organization's network", () => {
  it("takes instances until four fifths of its addresses are in use", () => {
    expect(whyNoAddress({ instances: 0, workers: 0 })).toBeNull()
    expect(whyNoAddress({ instances: 197, workers: 3 })).toBeNull()
    expect(whyNoAddress({ instances: 198, workers: 3 })).toMatch(
      /^The organization's network has 203 addresses/,
    )
    expect(whyNoAddress({ instances: 100, workers: 101 })).not.toBeNull()
  })
})
