import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Frame, FrameReader } from "./DockerFrames.ts"

const bytesOf = ({ stream, text }: Frame): Buffer => {
  const body = Buffer.from(text)
  const header = Buffer.from([stream === "stderr" ? 2 : 1, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

describe("FrameReader", () => {
  it("reads the same frames however the network cut them", () => {
    const frame = fc.record({
      stream: fc.constantFrom("stdout" as const, "stderr" as const),
      text: fc.string({ unit: "grapheme" }),
    })
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat(40), { minLength: 1 }), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(bytesOf))
        const reader = new FrameReader()
        const read: Array<Frame> = []
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const size = 1 + cuts[cut % cuts.length]!
          read.push(...reader.push(bytes.subarray(at, at + size)))
          at += size
        }
        expect(read).toEqual(frames)
      }),
    )
  })

  it("replaces what is not UTF-8", () => {
    expect(new FrameReader().push(Buffer.from([1, 0, 0, 0, 0, 0, 0, 2, 0x61, 0xff]))).toEqual([
      { stream: "stdout", text: "a\ufffd" },
    ])
  })

  it("refuses what is no such stream instead of waiting for gigabytes", () => {
    expect(() => new FrameReader().push(Buffer.from("HTTP/1.1 500"))).toThrow("not the log")
    expect(() => new FrameReader().push(Buffer.from([1, 0, 0, 0, 255, 255, 255, 255]))).toThrow("not the log")
  })
})
