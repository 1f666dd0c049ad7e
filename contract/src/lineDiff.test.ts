import { describe, expect, it } from "vitest"
import { lineDiff } from "./lineDiff.ts"

const shown = (before: string, after: string) =>
  lineDiff(before, after).map(({ mark, text }) => `${mark}${text}`)

describe("the difference of two texts", () => {
  it("is the lines that are not in both", () => {
    expect(shown("a\nb\nc\nd", "a\nc\nx\nd")).toEqual([" a", "-b", " c", "+x", " d"])
    expect(shown("a", "a")).toEqual([" a"])
    expect(shown("a\na", "a")).toEqual([" a", "-a"])
    expect(shown("", "a\nb")).toEqual(["-", "+a", "+b"])
  })
  it("gives both texts back", () => {
    const texts = ["1\n2\n3\n2\n1", "2\n1\n2\n3", "3\n3\n1", ""]
    for (const before of texts)
      for (const after of texts) {
        const lines = lineDiff(before, after)
        const without = (mark: string) =>
          lines.flatMap((line) => (line.mark === mark ? [] : [line.text])).join("\n")
        expect([without("+"), without("-")]).toEqual([before, after])
      }
  })
  it("of large texts ends soon", () => {
    const large = (seed: string) => Array.from({ length: 30_000 }, (_, n) => seed + n).join("\n")
    expect(lineDiff(large("a"), large("b"))).toHaveLength(60_000)
  })
})
