import { describe, expect, it } from "vitest"
import { ContainerLines } from "./ContainerLines.ts"

const frame = (stream: 1 | 2, text: string) => {
  const body = Buffer.from(text)
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}
const at = (second: number) => `2026-01-02T03:04:0${second}.000000001Z`

describe("ContainerLines", () => {
  it("puts together a line that the engine stored in pieces, apart for each stream", () => {
    const lines = new ContainerLines()
    expect(lines.push(frame(1, `${at(1)} one `))).toEqual([])
    expect(lines.push(frame(2, `${at(2)} error\n`))).toEqual([
      { instant: at(2), stream: "stderr", text: "error" },
    ])
    expect(lines.push(frame(1, `${at(3)} line\n`))).toEqual([
      { instant: at(1), stream: "stdout", text: "one line" },
    ])
    expect(lines.end()).toEqual([])
  })

  it("gives a last line without an end at the end", () => {
    const lines = new ContainerLines()
    lines.push(frame(1, `${at(1)} $ `))
    expect(lines.end()).toEqual([{ instant: at(1), stream: "stdout", text: "$ " }])
  })

  it("keeps a bounded part of a line that does not end", () => {
    const lines = new ContainerLines()
    for (let piece = 0; piece < 100; piece++) lines.push(frame(1, `${at(1)} ${"x".repeat(16_384)}`))
    expect(lines.end()[0]!.text.length).toBeLessThanOrEqual(16_385)
  })

  it("leaves a time stamp alone that the application printed itself", () => {
    const [line] = new ContainerLines().push(frame(1, `${at(1)} ${at(2)} text\n`))
    expect(line).toEqual({ instant: at(1), stream: "stdout", text: `${at(2)} text` })
  })
})
