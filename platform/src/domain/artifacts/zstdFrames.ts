/**
 * Finds where zstd frames end (RFC 8878, section 3.1) without decompressing: Node's decompressor stops silently after
 * the first one, and Nix ≥ 2.35 writes a frame each 16 MiB.
 */
export class InvalidZstd extends Error {
  override readonly name = "InvalidZstd"
}

const magic = 0xfd2fb528
/** Each frame costs a decompressor; 4,096 of Nix' size hold 64 GiB. */
const frameLimit = 4096

export class ZstdFrameWalker {
  private readonly field = Buffer.alloc(18)
  private have = 0
  private need = 5
  private skip = 0
  private state: "magic" | "header" | "block" | "checksum" = "magic"
  private last = false
  private checksum = false
  private frames = 0

  /** True between frames: only there may the input end, and not before the first. */
  get whole(): boolean {
    return this.state === "magic" && this.have === 0 && this.skip === 0 && this.frames > 0
  }

  /** How many of the bytes belong to the current frame; fewer than all of them when it ends here. */
  take(bytes: Buffer): number {
    let at = 0
    while (at < bytes.length) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, bytes.length - at)
        this.skip -= step
        at += step
        if (this.skip > 0) return at
        if (this.state === "magic") return at
        continue
      }
      const step = bytes.copy(this.field, this.have, at, at + this.need - this.have)
      this.have += step
      at += step
      if (this.have < this.need) return at
      this.have = 0
      if (this.advance()) return at
    }
    return at
  }

  /** Reads the field that is complete now; true when the frame is over with it. */
  private advance(): boolean {
    if (this.state === "magic") return this.readDescriptor()
    if (this.state === "header") return this.next("block", 3)
    if (this.state === "checksum") return this.next("magic", 5)
    const header = this.field.readUIntLE(0, 3)
    const kind = (header >> 1) & 3
    if (kind === 3) throw new InvalidZstd("it has a block of an unknown kind")
    this.skip = kind === 1 ? 1 : header >> 3
    this.last = (header & 1) === 1
    if (!this.last) return false
    if (this.checksum) return this.next("checksum", 4)
    return this.next("magic", 5) && this.skip === 0
  }

  private readDescriptor(): boolean {
    if (this.field.readUInt32LE(0) !== magic) throw new InvalidZstd("it is not compressed with zstd")
    if (++this.frames > frameLimit) throw new InvalidZstd(`it has more than ${frameLimit} zstd frames`)
    const descriptor = this.field[4]!
    const single = (descriptor >> 5) & 1
    const sizeFlag = descriptor >> 6
    this.checksum = ((descriptor >> 2) & 1) === 1
    const contentSize = sizeFlag === 0 ? single : 1 << sizeFlag
    const dictionary = [0, 1, 2, 4][descriptor & 3]!
    const more = (single ? 0 : 1) + dictionary + contentSize
    return more === 0 ? this.next("block", 3) : this.next("header", more)
  }

  private next(state: ZstdFrameWalker["state"], need: number): boolean {
    this.state = state
    this.need = need
    return state === "magic"
  }
}
