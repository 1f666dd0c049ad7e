import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fingerprint, type NarInfo, narFileName, parseNarInfo, printNarInfo } from "./narInfo.ts"
import { nix32Alphabet } from "./nix32.ts"
import { parseStoreBase, parseStorePath, type StorePath } from "./StorePath.ts"

const characters = (alphabet: string, minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...alphabet), { minLength, maxLength }).map((all) => all.join(""))

const storePath: fc.Arbitrary<StorePath> = fc
  .tuple(characters(nix32Alphabet, 32, 32), characters("abcXYZ019+._?=", 1, 30))
  .map(([hash, name]) => parseStoreBase(`${hash}-x${name}`)!)
const hex = characters("0123456789abcdef", 64, 64)
const size = fc.integer({ min: 1, max: 2 ** 40 })

const info: fc.Arbitrary<NarInfo> = fc.record({
  storePath,
  fileHash: hex,
  fileSize: size,
  narHash: hex,
  narSize: size,
  references: fc
    .uniqueArray(storePath, { selector: (path) => path.base })
    .map((paths) => paths.sort((a, b) => (a.base < b.base ? -1 : 1))),
  deriver: fc.option(storePath.map((path) => path.base)),
  signatures: fc.array(fc.constantFrom("a:YQ==", "b:Yg==")),
})

const base = "0".repeat(32)
const valid = printNarInfo({
  storePath: parseStorePath(`/nix/store/${base}-x`)!,
  fileHash: "1".repeat(64),
  fileSize: 5,
  narHash: "2".repeat(64),
  narSize: 9,
  references: [parseStoreBase(`${base}-x`)!],
  deriver: null,
  signatures: [],
})

describe("a narinfo", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(info, (value) => {
        expect(parseNarInfo(printNarInfo(value))).toEqual(value)
      }),
    )
  })

  it("is read or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.nat({ max: valid.length }), (noise, at) => {
        try {
          parseNarInfo(valid.slice(0, at) + noise + valid.slice(at))
        } catch (error) {
          expect((error as Error).name).toBe("InvalidNarInfo")
        }
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ["StorePath: /nix/store", "StorePath: /gnu/store", "StorePath is no path in /nix/store"],
    ["Compression: zstd", "Compression: xz", "only zstd is accepted"],
    ["URL: nar/", "URL: ../../", "URL does not lead to the file"],
    [narFileName("1".repeat(64)), narFileName("3".repeat(64)), "URL does not lead to the file"],
    ["NarSize: 9", "NarSize: -9", "NarSize is not a size"],
    ["NarSize: 9", "NarSize: 9\nNarSize: 8", "NarSize more than once"],
    ["NarSize: 9\n", "", "it has no NarSize"],
    [`References: ${base}-x`, "References: ../x", "is no store path"],
    ["References", "?", "a line has no field name"],
  ])("is refused when %j is %j", (from, to, why) => {
    expect(() => parseNarInfo(valid.replace(from, to))).toThrow(why)
  })

  it("has a fingerprint over full paths, sorted", () => {
    const zeros = "0".repeat(52)
    expect(fingerprint({ ...parseNarInfo(valid), narHash: "0".repeat(64) })).toBe(
      `1;/nix/store/${base}-x;sha256:${zeros};9;/nix/store/${base}-x`,
    )
  })
})

it("takes no file name for a store path that could lead elsewhere", () => {
  for (const name of [".", "..", ".-x", "..-x", "a/b", "a\nb", "", "é", "x".repeat(212)])
    expect(parseStoreBase(`${base}-${name}`)).toBeNull()
  expect(parseStorePath(`/nix/store/${base}-x/bin`)).toBeNull()
  expect(parseStoreBase(`${base}-.x`)?.name).toBe(".x")
})
