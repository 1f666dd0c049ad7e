import { matchesGlob } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { describeFiles, touches } from "./pathFilter.ts"

describe("path patterns", () => {
  it.each([
    [["*.md"], "README.md", true],
    [["*.md"], "deep/in/README.md", true],
    [["/*.md"], "deep/README.md", false],
    [["docs"], "docs/a/b.txt", true],
    [["docs/"], "x/docs/b.txt", true],
    [["docs/**"], "docs/b.txt", true],
    [["docs/**"], "x/docs/b.txt", false],
    [["apps/*/src"], "apps/web/src/main.ts", true],
    [["apps/*/src"], "apps/web/test/main.ts", false],
    [["**/test/**"], "a/b/test/c", true],
    [["**"], "anything", true],
    [["a?c"], "abc", true],
    [["a?c"], "a/c", false],
    [["!docs"], "src/a", true],
    [["!docs"], "docs/a", false],
    [["src", "!*.md"], "src/README.md", false],
    [["!*.md", "src"], "src/README.md", true],
    [[], "whatever", true],
  ] as const)("%j and %s: %s", (patterns, file, expected) => {
    expect(touches(patterns, [file])).toBe(expected)
  })

  it("are touched by a push when one of its files is", () => {
    expect(touches(["src"], ["docs/a", "src/b"])).toBe(true)
    expect(touches(["src"], ["docs/a"])).toBe(false)
    expect(touches(["src"], [])).toBe(false)
  })

  it("agree with Node's own globs where those mean the same", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), minLength: 1, maxLength: 4 })
    const plain = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 })
    const pattern = fc
      .array(
        fc.oneof(
          name.map((part) => part.replace(/\*+/g, "*")),
          fc.constant("**"),
        ),
        { minLength: 2, maxLength: 4 },
      )
      // To Node's, `**` at the end is one folder or more; and whatever is in a folder that fits is not meant.
      .filter((parts) => parts.at(-1) !== "**")
    const file = fc.array(plain, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(pattern, file, (parts, path) => {
        const expected = path.some((_, at) => matchesGlob(path.slice(0, at + 1).join("/"), parts.join("/")))
        expect(touches([parts.join("/")], [path.join("/")])).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  it("take no time that a hostile one could make long", () => {
    const pattern = `${"*a".repeat(100)}b`
    const began = performance.now()
    expect(touches([pattern, `${"**/".repeat(60)}x`], ["a".repeat(4000), "a/".repeat(2000)])).toBe(false)
    expect(performance.now() - began).toBeLessThan(1000)
  })

  it("are touched by what would take too long to tell, at once", () => {
    const [pattern, bytes] = [`${"*a".repeat(99)}b`, 4 * 1024 * 1024]
    const began = performance.now()
    for (const files of [["a".repeat(bytes)], ["a/".repeat(bytes / 2)], Array(1e6).fill("")])
      expect(touches(Array(50).fill(pattern), files)).toBe(true)
    expect(performance.now() - began).toBeLessThan(1000)
    expect(touches(Array(10).fill("apps/web/**/*.ts"), Array(1500).fill("docs/".repeat(12)))).toBe(false)
  })

  it("are told of in few words", () => {
    expect(describeFiles(["docs/a", "docs/b"])).toBe("docs/")
    expect(describeFiles(["docs/a", "x", "y/z"])).toBe("docs/, x, y/")
    expect(describeFiles(["a", "b", "c", "d"])).toBe("a, b and 2 others")
  })
})
