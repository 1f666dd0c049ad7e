import { describe, expect, test } from "vitest"
import { BuildLog } from "./BuildLog.ts"

const log = (maxBytes = 1e6) => new BuildLog(maxBytes, [["/secret/folder", "…"]], () => undefined)
const seqs = (batches: ReadonlyArray<ReadonlyArray<{ seq: number }>>) =>
  batches.map((batch) => batch.map(({ seq }) => seq))

describe("a build's log", () => {
  test("gives each line once, and what is not stored again", () => {
    const lines = log()
    lines.add("stdout", "a")
    lines.add("stderr", "b")
    expect(seqs(lines.take())).toEqual([[1, 2]])
    lines.add("note", "c")
    expect(seqs(lines.take())).toEqual([[3]])
    expect(lines.take()).toEqual([])
    lines.stored(2)
    expect(seqs(lines.replay())).toEqual([[3]])
    lines.add("stdout", "d")
    expect(seqs(lines.take())).toEqual([[4]])
    lines.stored(1)
    lines.stored(99)
    expect(lines.replay()).toEqual([])
    expect(lines.seq).toBe(4)
  })
  test("comes in batches of at most 200 lines and 256 KiB", () => {
    const lines = log(1e9)
    for (let n = 0; n < 450; n++) lines.add("stdout", "x")
    expect(lines.take().map((batch) => batch.length)).toEqual([200, 200, 50])
    for (let n = 0; n < 60; n++) lines.add("stdout", "y".repeat(100_000))
    for (const batch of lines.take()) expect(JSON.stringify(batch).length).toBeLessThan(300 * 1024)
  })
  test("is bounded, but still takes SkyPanel's own words", () => {
    const lines = log(10)
    expect(lines.add("stdout", "12345678")).toBe(true)
    expect(lines.add("stdout", "12345678")).toBe(false)
    expect(lines.add("note", "the log is full")).toBe(true)
  })
  test("does not show this machine's folders", () => {
    const lines = log()
    lines.add("stdout", "at /secret/folder/x")
    expect(lines.take()[0]?.[0]?.text).toBe("at …/x")
  })
})
