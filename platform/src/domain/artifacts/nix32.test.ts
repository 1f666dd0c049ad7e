import fc from "fast-check"
import { expect, it } from "vitest"
import { decodeNix32, encodeNix32 } from "./nix32.ts"

it("writes Nix' base 32", () => {
  // nix-hash --type sha256 --to-base32, of the empty string's SHA-256
  const empty = Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex")
  expect(encodeNix32(empty)).toBe("0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73")
})

it("reads what it writes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(decodeNix32(encodeNix32(bytes))).toEqual(bytes)
    }),
  )
})

it("refuses other characters, lengths and bits", () => {
  expect(decodeNix32("e0")).toBeNull()
  expect(decodeNix32("0")).toBeNull()
  expect(decodeNix32("z0")).toBeNull()
  expect(decodeNix32("7z")).toEqual(new Uint8Array([255]))
})
