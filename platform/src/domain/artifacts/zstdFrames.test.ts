import { constants, zstdCompressSync } from "node:zlib"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cut, sizesArbitrary } from "./testing/trees.ts"
import { InvalidZstd, ZstdFrameWalker } from "./zstdFrames.ts"

const framesArbitrary = fc.array(
  fc.record({
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes)),
      fc.integer({ min: 0, max: 400_000 }).map((size) => Buffer.alloc(size, "ab")),
    ),
    checksum: fc.integer({ min: 0, max: 1 }),
    contentSize: fc.integer({ min: 0, max: 1 }),
  }),
  { minLength: 1, maxLength: 5 },
)

const walk = (pieces: ReadonlyArray<Buffer>) => {
  const walker = new ZstdFrameWalker()
  const ends: Array<number> = []
  let at = 0
  for (const piece of pieces)
    for (let rest = piece; rest.length > 0; ) {
      const taken = walker.take(rest)
      at += taken
      rest = rest.subarray(taken)
      if (walker.whole) ends.push(at)
    }
  return { ends, whole: walker.whole }
}

describe("where zstd frames end", () => {
  it("is found in whatever pieces they come", () => {
    fc.assert(
      fc.property(framesArbitrary, sizesArbitrary, (frames, sizes) => {
        const compressed = frames.map(({ bytes, checksum, contentSize }) =>
          zstdCompressSync(bytes, {
            params: {
              [constants.ZSTD_c_checksumFlag]: checksum,
              [constants.ZSTD_c_contentSizeFlag]: contentSize,
            },
          }),
        )
        let at = 0
        const ends = compressed.map(({ length }) => (at += length))
        const all = Buffer.concat(compressed)
        expect(walk(cut(all, sizes))).toEqual({ ends, whole: true })
        expect(walk(cut(all.subarray(0, -1), sizes)).whole).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it("is never found in something else", () => {
    expect(() => walk([Buffer.from("xz or anything")])).toThrow(InvalidZstd)
    const bytes = zstdCompressSync(Buffer.from("x"))
    expect(() => walk([bytes, Buffer.from("trailing")])).toThrow("not compressed with zstd")
    expect(() => walk(Array.from({ length: 5000 }, () => bytes))).toThrow("more than 4096")
  })
})
