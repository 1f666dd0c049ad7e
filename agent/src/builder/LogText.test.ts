import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { boundLine, cleanLine, LineSplitter, plainLine, redact } from "./LogText.ts"
import { processorTime } from "./testing/ProcessorTime.ts"

describe("a line of a build's log", () => {
  test("keeps colours and tabs", () => {
    expect(cleanLine("\u001b[31;1merror:\u001b[0m\tno")).toBe("\u001b[31;1merror:\u001b[0m\tno")
    expect(plainLine("\u001b[31;1merror:\u001b[0m no")).toBe("error: no")
  })
  test.each([
    ["\u001b[2Jgone", "gone"],
    ["\u001b]0;a title\u0007text", "text"],
    ["\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["\u001bPq sixel\u001b\\text", "text"],
    ["50 %\r100 %", "100 %"],
    ["ends\r", "ends"],
    ["a\u0000b\u0007c\u009bd", "abcd"],
    ["\u202egpj.exe", "gpj.exe"],
    ["\u001b", ""],
  ])("loses what moves the cursor: %j", (line, clean) => expect(cleanLine(line)).toBe(clean))
  test("never leaves a control character but ESC of a colour", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: looked for
        expect(plainLine(text)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/)
      }),
    )
  })
  test("is cut at a character's edge", () => {
    const cut = boundLine("€".repeat(100), 64)
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(64)
    expect(cut).toMatch(/^€+ … \(cut\)$/)
    expect(boundLine("short", 64)).toBe("short")
  })
  test("does not show this machine's words", () => {
    expect(
      redact("cannot open /data/builds/1/x: token", [
        ["/data/builds/1", "…"],
        ["token", "***"],
        ["", "!"],
      ]),
    ).toBe("cannot open …/x: ***")
  })
  test("hides what a URL is asked with, and stays quick at any line", () => {
    expect(redact("fetching https://me:hunter2@example.org/x:y@z, then ssh://git@example.org/a:b", [])).toBe(
      "fetching https://…@example.org/x:y@z, then ssh://git@example.org/a:b",
    )
    expect(redact("https://hunter2@example.org http://a/@b", [])).toBe("https://…@example.org http://a/@b")
    const took = processorTime(() => {
      for (const part of ["://:", "://a:", "https://", "a", ":"])
        redact(part.repeat(1_000_000 / part.length), [])
    })
    expect(took).toBeLessThan(1000)
  })
})

describe("a stream of bytes", () => {
  test("gives the same lines however it is split", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 7 }), (texts, size) => {
        const bytes = Buffer.from(texts.join("\n"))
        const splitter = new LineSplitter()
        const lines: Array<string> = []
        for (let at = 0; at < bytes.length; at += size)
          lines.push(...splitter.push(bytes.subarray(at, at + size)))
        lines.push(...splitter.end())
        const expected = bytes.toString().split("\n")
        if (expected.at(-1) === "") expected.pop()
        expect(lines).toEqual(expected)
      }),
    )
  })
  test("keeps no more of an endless line than its bound", () => {
    const splitter = new LineSplitter(10)
    for (let round = 0; round < 1000; round++) splitter.push(Buffer.from("x".repeat(1000)))
    expect(splitter.push(Buffer.from("\nnext\n"))).toEqual(["x".repeat(10), "next"])
  })
})
