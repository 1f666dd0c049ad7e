import type { LogLine } from "@skypanel/contract/Log"

/** What a page keeps of one log; older lines give way. */
export const logBufferLines = 100_000

/** The lines of one log as they come, and who wants to know of new ones. */
export class LogBuffer {
  private kept: LogLine[] = []
  private readonly listeners = new Set<() => void>()
  private readonly most: number
  /** How many lines have given way; changes whenever indexes shift. */
  dropped = 0

  constructor(most = logBufferLines) {
    this.most = most
  }

  get lines(): readonly LogLine[] {
    return this.kept
  }

  append(lines: readonly LogLine[]): void {
    if (lines.length === 0) return
    for (const line of lines) this.kept.push(line)
    // A tenth at once, so that a log at its limit is not copied for every line.
    if (this.kept.length > this.most) {
      const excess = this.kept.length - Math.ceil(this.most * 0.9)
      this.kept = this.kept.slice(excess)
      this.dropped += excess
    }
    for (const listener of this.listeners) listener()
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

/** Names a line in an address: by its number, and by whose line it is where several write. */
export const lineAnchor = (line: Pick<LogLine, "seq" | "origin">, severalOrigins: boolean): string =>
  severalOrigins ? `${line.origin}.${line.seq}` : `L${line.seq}`
