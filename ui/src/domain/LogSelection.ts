import type { LogLine } from "@skypanel/contract/Log"
import { stripAnsi } from "./ansi.ts"
import type { LogBuffer } from "./LogBuffer.ts"

export interface LogQuery {
  readonly text: string
  readonly stream: LogLine["stream"] | "all"
  /** Shows only the lines that the text stands in. */
  readonly onlyMatches: boolean
}

/** Which lines of a buffer are shown, and which of those match the search; new lines are looked at only once. */
export class LogSelection {
  private query: LogQuery = { text: "", stream: "all", onlyMatches: false }
  private seen = 0
  private dropped = 0
  items: LogLine[] = []
  /** Who writes: one build, or each instance. */
  readonly origins = new Set<string>()
  /** Indexes into `items`. */
  matches: number[] = []

  /** True when anything changed. */
  update(buffer: LogBuffer, query: LogQuery): boolean {
    const same =
      query.text === this.query.text &&
      query.stream === this.query.stream &&
      query.onlyMatches === this.query.onlyMatches &&
      buffer.dropped === this.dropped &&
      this.seen <= buffer.lines.length
    if (same && this.seen === buffer.lines.length) return false
    if (same) {
      this.items = this.items.slice()
    } else {
      this.items = []
      this.matches = []
      this.origins.clear()
      this.seen = 0
    }
    this.query = query
    this.dropped = buffer.dropped
    this.take(buffer.lines)
    return true
  }

  private take(lines: readonly LogLine[]): void {
    const needle = this.query.text.toLowerCase()
    for (let at = this.seen; at < lines.length; at += 1) {
      const line = lines[at]!
      this.origins.add(line.origin)
      if (this.query.stream !== "all" && line.stream !== this.query.stream) continue
      const match = needle !== "" && stripAnsi(line.text).toLowerCase().includes(needle)
      if (this.query.onlyMatches && needle !== "" && !match) continue
      if (match) this.matches.push(this.items.length)
      this.items.push(line)
    }
    this.seen = lines.length
  }
}
