const windowMs = 1_000

/** Lets so many lines and bytes through in each second, and counts the others. */
export class LineLimit {
  readonly #linesMost: number
  readonly #bytesMost: number
  #until = 0
  #lines = 0
  #bytes = 0
  #dropped = 0

  constructor(linesMost: number, bytesMost: number) {
    this.#linesMost = linesMost
    this.#bytesMost = bytesMost
  }

  /** `now` in milliseconds. */
  admit(bytes: number, now: number): boolean {
    if (now >= this.#until) {
      this.#until = now + windowMs
      this.#lines = 0
      this.#bytes = 0
    }
    this.#lines += 1
    this.#bytes += bytes
    if (this.#lines <= this.#linesMost && this.#bytes <= this.#bytesMost) return true
    this.#dropped += 1
    return false
  }

  /** How many were not let through since the last time this was asked; 0 until their second is over. */
  takeDropped(now: number): number {
    if (now < this.#until) return 0
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }
}
