import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { colourStyle, plainStyle, styleFor } from "./style.ts"
import { lines, logText, oneLine } from "./text.ts"

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not come out
const steering = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

const hostile = fc.string({
  unit: fc.constantFrom(
    "\u001b",
    "[",
    "]",
    "2",
    ";",
    "J",
    "m",
    "\u0007",
    "\u009b",
    "\u0090",
    "\\",
    "\r",
    "\n",
    "\u202e",
    "a",
    "ä",
    "日",
  ),
})

describe("text that others wrote", () => {
  it.each([
    ["\u001b[2Jcleared", "cleared"],
    ["\u001b]0;title\u0007after", "after"],
    ["\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["\u009b31mred", "red"],
    ["a\rb\bc\u0000", "abc"],
    ["user\u202egnp.exe", "usergnp.exe"],
    ["two\nlines", "two lines"],
    ["tab\tstays, ünïcödé 日本 stays", "tab\tstays, ünïcödé 日本 stays"],
    ["\u001b]never ended", ""],
  ])("loses what steers a terminal: %j", (text, safe) => {
    expect(oneLine(text)).toBe(safe)
  })

  it("never has a control character, whatever it was", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(oneLine(text)).not.toMatch(steering)
        expect(logText(text, plainStyle)).not.toMatch(steering)
        for (const line of lines(text)) expect(line).not.toMatch(steering)
      }),
    )
  })

  it("of a log keeps colours and nothing else where colours are shown", () => {
    expect(logText("\u001b[32mok\u001b[2K done", colourStyle)).toBe("\u001b[32mok done\u001b[0m")
    expect(logText("\u001b[32mok", plainStyle)).toBe("ok")
    expect(logText("plain", colourStyle)).toBe("plain")
    fc.assert(
      fc.property(hostile, (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
        expect(logText(text, colourStyle).replace(/\u001b\[[0-9;]*m/g, "")).not.toMatch(steering)
      }),
    )
  })
})

describe("colours", () => {
  it("are for a terminal, unless somebody does not want them", () => {
    expect(styleFor(true, {}).colours).toBe(true)
    expect(styleFor(false, {}).colours).toBe(false)
    expect(styleFor(true, { NO_COLOR: "1" }).colours).toBe(false)
    expect(styleFor(true, { NO_COLOR: "" }).colours).toBe(true)
    expect(styleFor(true, { TERM: "dumb" }).colours).toBe(false)
  })
})
