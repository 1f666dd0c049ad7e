/** One piece of output as the engine stored it: a line, or at most 16 KiB of one. */
export interface Frame {
  readonly stream: "stdout" | "stderr"
  readonly text: string
}

const headerBytes = 8
/** The engine cuts lines at 16 KiB; a frame beyond this is no log of its. */
const frameBytesMax = 256 * 1024

/**
 * Reads the engine's multiplexed stream: a header of 8 bytes (the stream, three zeros, the length in big-endian
 * order), then that many bytes. https://docs.docker.com/engine/api/v1.41/#operation/ContainerAttach
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  /** Throws when it is not such a stream. */
  push(chunk: Uint8Array): Array<Frame> {
    let data = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    const frames: Array<Frame> = []
    while (data.length >= headerBytes) {
      const length = data.readUInt32BE(4)
      if (data[0]! > 2 || length > frameBytesMax) throw new Error("not the log of a container")
      if (data.length < headerBytes + length) break
      frames.push({
        stream: data[0] === 2 ? "stderr" : "stdout",
        // Bytes that are no UTF-8 become U+FFFD.
        text: data.toString("utf8", headerBytes, headerBytes + length),
      })
      data = data.subarray(headerBytes + length)
    }
    this.#rest = data
    return frames
  }
}
