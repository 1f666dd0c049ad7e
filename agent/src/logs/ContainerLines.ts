import { logLineMaxBytes } from "@skypanel/contract/Log"
import { type Frame, FrameReader } from "./DockerFrames.ts"

/** A line that a container printed, not cleaned yet. */
export interface PrintedLine {
  /** When it was printed, as the engine writes it: RFC 3339 with nanoseconds. */
  readonly instant: string
  readonly stream: Frame["stream"]
  readonly text: string
}

/** `2026-01-02T03:04:05.123456789Z text`: the engine puts it before each piece that it stored. */
const stamped = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z) /

/** Makes lines of a container's output. What a line has beyond a bound is not kept. */
export class ContainerLines {
  readonly #frames = new FrameReader()
  /** Of each stream, the line that has not ended yet. */
  readonly #open = new Map<Frame["stream"], PrintedLine>()

  push(chunk: Uint8Array): Array<PrintedLine> {
    return this.#frames.push(chunk).flatMap((frame) => this.#add(frame) ?? [])
  }

  /** What was printed without a line's end at last. */
  end(): Array<PrintedLine> {
    return Array.from(this.#open.values())
  }

  #add({ stream, text }: Frame): PrintedLine | null {
    const stamp = stamped.exec(text)
    const piece = stamp === null ? text : text.slice(stamp[0].length)
    const open = this.#open.get(stream)
    const line: PrintedLine = {
      instant: open?.instant ?? stamp?.[1] ?? "1970-01-01T00:00:00Z",
      stream,
      // One more than may be shown, so that what is cut is marked as cut.
      text: ((open?.text ?? "") + piece.replace(/\n$/, "")).slice(0, logLineMaxBytes + 1),
    }
    if (piece.endsWith("\n")) {
      this.#open.delete(stream)
      return line
    }
    this.#open.set(stream, line)
    return null
  }
}
