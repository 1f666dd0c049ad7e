import type { LogLine } from "@skypanel/contract/Log"
import { describe, expect, it } from "vitest"
import { LogBuffer } from "./LogBuffer.ts"
import { LogSelection } from "./LogSelection.ts"
import { cutAtHits, hitsIn, matchesWords } from "./search.ts"

const line = (seq: number, text: string, stream: LogLine["stream"] = "stdout"): LogLine => ({
  seq,
  at: "2026-01-01T00:00:00.000Z",
  stream,
  text,
  origin: "a",
})
const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => line(from + at, `line ${from + at}`))

describe("a log's buffer", () => {
  it("keeps the newest lines and counts those that gave way", () => {
    const buffer = new LogBuffer(100)
    buffer.append(numbered(1, 100))
    expect(buffer.dropped).toBe(0)
    buffer.append(numbered(101, 1))
    expect(buffer.lines.length).toBe(90)
    expect(buffer.dropped).toBe(11)
    expect(buffer.lines.at(-1)?.seq).toBe(101)
  })
})

describe("a selection of lines", () => {
  const query = { text: "", stream: "all", onlyMatches: false } as const

  it("grows with the buffer, and marks what matches, colours or not", () => {
    const buffer = new LogBuffer()
    const selection = new LogSelection()
    buffer.append([line(1, "\u001b[31mErr\u001b[0mor here"), line(2, "fine")])
    selection.update(buffer, { ...query, text: "ERROR" })
    expect(selection.matches).toEqual([0])
    buffer.append([line(3, "another error")])
    expect(selection.update(buffer, { ...query, text: "ERROR" })).toBe(true)
    expect(selection.matches).toEqual([0, 2])
    expect(selection.update(buffer, { ...query, text: "ERROR" })).toBe(false)
  })

  it("holds one stream only, or only what matches", () => {
    const buffer = new LogBuffer()
    const selection = new LogSelection()
    buffer.append([line(1, "a"), line(2, "b", "stderr"), line(3, "ab", "stderr")])
    selection.update(buffer, { ...query, stream: "stderr" })
    expect(selection.items.map(({ seq }) => seq)).toEqual([2, 3])
    selection.update(buffer, { text: "a", stream: "all", onlyMatches: true })
    expect(selection.items.map(({ seq }) => seq)).toEqual([1, 3])
    expect(selection.matches).toEqual([0, 1])
  })

  it("follows a buffer that drops lines", () => {
    const buffer = new LogBuffer(10)
    const selection = new LogSelection()
    buffer.append(numbered(1, 10))
    selection.update(buffer, { ...query, text: "line 10" })
    buffer.append(numbered(11, 2))
    selection.update(buffer, { ...query, text: "line 10" })
    expect(selection.items.map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(selection.matches).toEqual([6])
  })
})

describe("searching", () => {
  it("finds every hit without regard to case, even where case changes the length", () => {
    expect(hitsIn("Error: error", "error")).toEqual([
      [0, 5],
      [7, 12],
    ])
    expect(hitsIn("İstanbul error", "error")).toEqual([[9, 14]])
    expect(hitsIn("anything", "")).toEqual([])
  })

  it("cuts a coloured part at the hits of its line", () => {
    const hits = hitsIn("an error here", "error")
    expect(cutAtHits("an er", 0, hits)).toEqual([
      { text: "an ", hit: false },
      { text: "er", hit: true },
    ])
    expect(cutAtHits("ror here", 5, hits)).toEqual([
      { text: "ror", hit: true },
      { text: " here", hit: false },
    ])
    expect(cutAtHits("none", 0, [])).toEqual([{ text: "none", hit: false }])
  })

  it("takes words in any order", () => {
    expect(matchesWords("Restart shop", "sho rest")).toBe(true)
    expect(matchesWords("Restart shop", "stop")).toBe(false)
  })
})
