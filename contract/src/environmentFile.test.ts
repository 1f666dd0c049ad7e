import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseEnvironment } from "./environmentFile.ts"

const read = (text: string) =>
  Object.fromEntries(parseEnvironment(text).variables.map(({ name, value }) => [name, value]))

describe("a .env file", () => {
  it.each<[string, Record<string, string>]>([
    ["A=1\nB=two words", { A: "1", B: "two words" }],
    ["# comment\n\n  export A = 1 # note\n", { A: "1" }],
    ["A='single # \\n kept'", { A: "single # \\n kept" }],
    ['A="line\\nline \\"quoted\\" \\\\"', { A: 'line\nline "quoted" \\' }],
    ['A="first\nsecond"\nB=2', { A: "first\nsecond", B: "2" }],
    ["KEY='-----BEGIN\nabc\n-----END'", { KEY: "-----BEGIN\nabc\n-----END" }],
    ["A=\nB=", { A: "", B: "" }],
    ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["\uFEFFA=1", { A: "1" }],
    ["A=1\nA=2", { A: "2" }],
    ["URL=https://x/?a=b#frag", { URL: "https://x/?a=b#frag" }],
    ["A=$B", { A: "$B" }],
  ])("%j", (text, environment) => {
    expect(read(text)).toEqual(environment)
  })

  it("names the lines that are no assignment", () => {
    expect(parseEnvironment('A="x\ny"\nnonsense\n1B=2\nC=\'open').refused).toEqual([
      { line: 3, text: "nonsense" },
      { line: 4, text: "1B=2" },
      { line: 5, text: "C='open" },
    ])
  })

  it("gives back what was written in double quotes, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const clean = value.replace(/\r/g, "")
        const written = clean.replace(/\\/g, "\\\\").replace(/"/g, '\\"')
        expect(read(`A="${written}"\nB=after`)).toEqual({ A: clean, B: "after" })
      }),
    )
  })

  it("ends for any text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("A", "=", '"', "'", "\n", "\\", "#", " ") }),
        (text) => void parseEnvironment(text),
      ),
    )
  })
})
