import { pipeline } from "node:stream/promises"
import { constants, createZstdDecompress } from "node:zlib"
import { InvalidZstd, ZstdFrameWalker } from "../domain/artifacts/zstdFrames.ts"

/** Nix compresses with at most level 19, whose window is 8 MiB; 128 MiB is what one decompressor may take. */
const windowLogMax = 27

const decompressor = () =>
  createZstdDecompress({
    chunkSize: 256 * 1024,
    params: { [constants.ZSTD_d_windowLogMax]: windowLogMax },
  })

/** Splits the input where its frames end. Each frame must be read to its end before the next. */
async function* framesOf(source: AsyncIterable<Buffer>): AsyncGenerator<AsyncGenerator<Buffer>> {
  const iterator = source[Symbol.asyncIterator]()
  const walker = new ZstdFrameWalker()
  let rest: Buffer | null = null
  const read = async (): Promise<Buffer | null> => {
    for (;;) {
      const next = await iterator.next()
      if (next.done) return null
      if (next.value.length > 0) return next.value
    }
  }
  async function* frame(): AsyncGenerator<Buffer> {
    for (;;) {
      const bytes: Buffer | null = rest ?? (await read())
      if (bytes === null) throw new InvalidZstd("it ends in the middle of a zstd frame")
      const taken = walker.take(bytes)
      rest = taken < bytes.length ? bytes.subarray(taken) : null
      yield bytes.subarray(0, taken)
      if (walker.whole) return
    }
  }
  try {
    for (;;) {
      rest ??= await read()
      if (rest === null) break
      yield frame()
    }
    if (!walker.whole) throw new InvalidZstd("it is empty")
  } finally {
    await iterator.return?.()
  }
}

/**
 * Decompresses zstd of any number of frames, a piece at a time, at the reader's pace. Throws InvalidZstd, and Node's
 * own errors (`ERR_ZSTD_…`, codes `ZSTD_error_…`) when a frame is damaged.
 */
export async function* decompress(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const frame of framesOf(source)) {
    const zstd = decompressor()
    const fed = pipeline(frame, zstd)
    fed.catch(() => undefined) // it is awaited below, unless the reader stops first
    try {
      yield* zstd as AsyncIterable<Buffer>
      await fed
    } finally {
      zstd.destroy()
    }
  }
}
