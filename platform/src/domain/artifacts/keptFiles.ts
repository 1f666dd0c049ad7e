/** What was asked for is remembered of so many names. */
const askedMost = 4096
/** One file takes at most this share of all. */
const shareMost = 0.25

/**
 * Which files are kept so that they need not be made again: those that are asked for a second time, and of them the ones
 * that were used last, in so many bytes. Most are asked for once: to keep those would be work for nothing.
 */
export class KeptFiles {
  readonly #bytesMost: number
  /** The one that was used longest ago is first. */
  readonly #kept = new Map<string, number>()
  readonly #asked = new Set<string>()
  #bytes = 0

  constructor(bytesMost: number) {
    this.#bytesMost = bytesMost
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Notes that it is asked for and has to be made; whether it is to be kept. */
  isToBeKept(name: string, bytes: number): boolean {
    const before = this.#asked.delete(name)
    this.#asked.add(name)
    if (this.#asked.size > askedMost) this.#asked.delete(this.#asked.values().next().value!)
    return before && !this.#kept.has(name) && bytes <= this.#bytesMost * shareMost
  }

  /** It is there now; gives those that have to go for it. */
  add(name: string, bytes: number): ReadonlyArray<string> {
    this.drop(name)
    this.#kept.set(name, bytes)
    this.#bytes += bytes
    const gone: Array<string> = []
    for (const [oldest] of this.#kept) {
      if (this.#bytes <= this.#bytesMost) break
      this.drop(oldest)
      gone.push(oldest)
    }
    return gone
  }

  /** Its bytes, when it is kept; it was used now. */
  use(name: string): number | null {
    const bytes = this.#kept.get(name)
    if (bytes === undefined) return null
    this.#kept.delete(name)
    this.#kept.set(name, bytes)
    return bytes
  }

  drop(name: string): void {
    this.#bytes -= this.#kept.get(name) ?? 0
    this.#kept.delete(name)
  }
}
