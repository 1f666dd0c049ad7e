import fc from "fast-check"
import { expect, it } from "vitest"
import { nix32Alphabet } from "./nix32.ts"
import { ReferenceScanner } from "./ReferenceScanner.ts"
import { cut, sizesArbitrary } from "./testing/trees.ts"

const scan = (pieces: ReadonlyArray<Buffer>) => {
  const scanner = new ReferenceScanner()
  for (const piece of pieces) scanner.push(piece)
  return scanner.candidates()
}

const hashArbitrary = fc
  .array(fc.constantFrom(...nix32Alphabet), { minLength: 32, maxLength: 32 })
  .map((characters) => characters.join(""))

// Half of it characters of the alphabet, so that runs of every length surround the hash.
const noise = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from("0123abcdxyz-/e"))), {
    maxLength: 300,
  })
  .map((bytes) => Buffer.from(bytes))

it("finds a store path's hash wherever it is, however the bytes arrive", () => {
  fc.assert(
    fc.property(noise, hashArbitrary, noise, sizesArbitrary, (before, hash, after, sizes) => {
      const whole = Buffer.concat([before, Buffer.from(`/${hash}-x`), after])
      expect(scan(cut(whole, sizes))).toContain(hash)
      expect(scan(cut(Buffer.concat([before, Buffer.from(`/${hash}`)]), sizes))).toContain(hash)
      expect(scan(cut(Buffer.concat([before, Buffer.from(`${hash}-`), after]), sizes))).toContain(hash)
    }),
    { numRuns: 500 },
  )
})

it("finds nothing else than what is there", () => {
  fc.assert(
    fc.property(noise, sizesArbitrary, (bytes, sizes) => {
      for (const found of scan(cut(bytes, sizes))!) expect(bytes.includes(found)).toBe(true)
    }),
  )
})

it("gives up on a list of more paths than a program has, and is quick about one long run", () => {
  const many = Array.from({ length: 30_000 }, (_, n) => String(n).padStart(32, "0"))
  expect(scan([Buffer.from(many.join("-"))])).toBeNull()
  expect(scan([Buffer.alloc(1024 * 1024, "0")])?.size).toBe(1)
})
