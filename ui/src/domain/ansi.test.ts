import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseAnsi, stripAnsi } from "./ansi.ts"

const brief = (line: string) =>
  parseAnsi(line).map(({ text, colour, background, bold, dim, italic, underline }) => [
    text,
    ...[
      colour,
      background && `on ${background}`,
      bold && "bold",
      dim && "dim",
      italic && "italic",
      underline && "underline",
    ].filter(Boolean),
  ])

describe("ANSI sequences", () => {
  it.each<[string, unknown]>([
    ["plain", [["plain"]]],
    ["\u001b[31mred\u001b[0m none", [["red", "red"], [" none"]]],
    [
      "\u001b[1;4;32mall\u001b[22mless",
      [
        ["all", "green", "bold", "underline"],
        ["less", "green", "underline"],
      ],
    ],
    ["\u001b[mreset", [["reset"]]],
    ["\u001b[91;103mbright", [["bright", "bright-red", "on bright-yellow"]]],
    ["\u001b[38;5;208mone\u001b[39m", [["one", "#ff8700"]]],
    [
      "\u001b[38;5;9mone\u001b[48;5;244mtwo",
      [
        ["one", "bright-red"],
        ["two", "bright-red", "on #808080"],
      ],
    ],
    ["\u001b[38;2;1;2;300mx", [["x", "#0102ff"]]],
    ["\u001b[38:2:1:2:3mx", [["x", "#010203"]]],
    ["\u001b[2J\u001b[1;1Hgone\u001b[K", [["gone"]]],
    ["\u001b]8;;http://x\u0007link\u001b]8;;\u0007", [["link"]]],
    ["bell\u0007 and \r return", [["bell and  return"]]],
    ["\u001b[38;5mcut", [["cut"]]],
  ])("%j", (line, spans) => {
    expect(brief(line)).toEqual(spans)
  })

  it("leave the same text, whatever comes, and no control characters", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom("\u001b[", "\u001b", "m", ";", "38", "5", "\u001b]", "\u0007"),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const line = pieces.join("")
        const text = parseAnsi(line)
          .map((span) => span.text)
          .join("")
        expect(text).toBe(stripAnsi(line))
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these must be gone
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/)
      }),
    )
  })
})
