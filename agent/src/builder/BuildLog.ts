import { type LogLine, logLineMaxBytes } from "@skypanel/contract/Log"
import { boundLine, cleanLine, type Redactions, redact } from "./LogText.ts"

export const batchLinesMax = 200
const batchBytesMax = 256 * 1024

/** Consecutive lines of one build's log. */
export interface LogBatch {
  readonly buildId: string
  readonly lines: ReadonlyArray<LogLine>
}

/** The log of one build: numbered lines, of which those that the platform has not stored yet are kept. */
export class BuildLog {
  readonly #maxBytes: number
  readonly #onLines: () => void
  #redactions: Redactions
  #lines: Array<LogLine> = []
  #unsent = 0
  #seq = 0
  #bytes = 0
  /** The phase that the next line belongs to. */
  origin = "waiting"

  /** `maxBytes` bounds the lines of programs; SkyPanel's own few come on top of it. */
  constructor(maxBytes: number, redactions: Redactions, onLines: () => void) {
    this.#maxBytes = maxBytes
    this.#redactions = redactions
    this.#onLines = onLines
  }

  /** The last line's number; 0 when there is none. */
  get seq(): number {
    return this.#seq
  }

  /** False when the log is full; then the line is not in it. */
  add(stream: LogLine["stream"], raw: string): boolean {
    const text = boundLine(cleanLine(redact(raw, this.#redactions)), logLineMaxBytes)
    const bytes = Buffer.byteLength(text) + 1
    if (stream !== "note" && this.#bytes + bytes > this.#maxBytes) return false
    this.#bytes += bytes
    this.#seq += 1
    this.#lines.push({ seq: this.#seq, at: new Date().toISOString(), stream, text, origin: this.origin })
    this.#onLines()
    return true
  }

  redact(text: string): string {
    return redact(text, this.#redactions)
  }

  /** The platform has the lines up to `seq`. */
  stored(seq: number): void {
    const first = this.#lines[0]
    if (first === undefined) return
    const known = Math.max(0, Math.min(this.#lines.length, seq - first.seq + 1))
    this.#lines.splice(0, known)
    this.#unsent = Math.max(0, this.#unsent - known)
  }

  /** Batches of lines that were not taken before. */
  take(): ReadonlyArray<ReadonlyArray<LogLine>> {
    const fresh = this.#lines.slice(this.#unsent)
    this.#unsent = this.#lines.length
    return batches(fresh)
  }

  /** Batches of all lines that are not stored yet. */
  replay(): ReadonlyArray<ReadonlyArray<LogLine>> {
    return batches(this.#lines)
  }
}

/** Cuts lines into messages of a bounded size. */
export const batches = (lines: ReadonlyArray<LogLine>): ReadonlyArray<ReadonlyArray<LogLine>> => {
  const result: Array<Array<LogLine>> = []
  let bytes = 0
  for (const line of lines) {
    const size = Buffer.byteLength(line.text) + 150
    const last = result.at(-1)
    if (last === undefined || last.length >= batchLinesMax || bytes + size > batchBytesMax) {
      result.push([line])
      bytes = size
    } else {
      last.push(line)
      bytes += size
    }
  }
  return result
}
