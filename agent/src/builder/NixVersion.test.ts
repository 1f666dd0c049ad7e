import { describe, expect, test } from "vitest"
import { isAtLeast, parseNixVersion } from "./NixVersion.ts"

test.each([
  ["nix (Nix) 2.8.0", "2.8.0"],
  ["nix (Nix) 2.34.7pre20260501_abc", "2.34.7pre20260501_abc"],
  ["nix (Lix, like Nix) 2.95.2", "2.95.2"],
  ["nonsense", null],
])("%s is version %s", (text, version) => expect(parseNixVersion(text)).toBe(version))

describe("a version", () => {
  test.each([
    ["2.18.0", "2.18", true],
    ["2.8.0", "2.18", false],
    ["2.34.7", "2.34.7", true],
    ["2.34.6", "2.34.7", false],
    ["2.35pre1", "2.34.7", true],
    ["3.0", "2.34.7", true],
  ])("%s is at least %s: %s", (version, wanted, expected) =>
    expect(isAtLeast(version, wanted)).toBe(expected),
  )
})
