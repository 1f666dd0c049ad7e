import { expect, it } from "vitest"
import { generateSecretKey, parseSecretKey, signFingerprint, verifyFingerprint } from "./signature.ts"

const key = parseSecretKey(generateSecretKey("a-1"))!

it("verifies its own signatures, of this text and by this key only", () => {
  const signature = signFingerprint(key, "text")
  expect(verifyFingerprint(key.publicText, "text", signature)).toBe(true)
  expect(verifyFingerprint(key.publicText, "other", signature)).toBe(false)
  const other = parseSecretKey(generateSecretKey("a-1"))!
  expect(verifyFingerprint(other.publicText, "text", signature)).toBe(false)
})

it("takes only what is a key", () => {
  for (const text of ["", "x", "x:", "x:AAAA", `:${"A".repeat(88)}`, "bad name:AAAA"])
    expect(parseSecretKey(text)).toBeNull()
})
