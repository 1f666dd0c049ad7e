import { hideInvisible } from "@skypanel/contract/invisible"
import { logLineMaxBytes } from "@skypanel/contract/Log"

/*
 * What builders print is hostile: it may move the cursor, rename the terminal, or never end its line. Only colours
 * (SGR) and tabs survive. https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is read here
const sgr = /^\u001b\[[0-9;:]{0,32}m/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is read here
const sequence = /^\u001b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~]?)/
/** The line without control characters and sequences other than colours; what a carriage return overwrote is gone. */
export const cleanLine = (line: string): string => {
  const shown = line.replace(/\r+$/, "")
  const overwritten = shown.lastIndexOf("\r")
  const text = overwritten < 0 ? shown : shown.slice(overwritten + 1)
  let result = ""
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf("\u001b", at)
    const plain = next < 0 ? text.slice(at) : text.slice(at, next)
    result += hideInvisible(plain, "")
    if (next < 0) break
    const rest = text.slice(next, next + 4096)
    const colour = sgr.exec(rest)
    if (colour) result += colour[0]
    at = next + (colour ?? sequence.exec(rest))![0].length
  }
  return result
}

/** The line without any control sequence, for messages. */
export const plainLine = (line: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is removed here
  cleanLine(line).replace(/\u001b\[[0-9;:]*m/g, "")

/** Cuts to `maxBytes` of UTF-8 at a character's edge and says that it did. */
export const boundLine = (line: string, maxBytes: number = logLineMaxBytes): string => {
  if (line.length * 3 <= maxBytes) return line
  const bytes = Buffer.from(line, "utf8")
  if (bytes.length <= maxBytes) return line
  const mark = " … (cut)"
  return `${bytes
    .subarray(0, maxBytes - Buffer.byteLength(mark))
    .toString("utf8")
    .replace(/\ufffd+$/, "")}${mark}`
}

/** Words of this machine that no customer shall read, and what they read instead. */
export type Redactions = ReadonlyArray<readonly [hidden: string, shown: string]>

/** What a URL has before its host, where that is secret: not the user of ssh. Nix shows it as it is (until 2.35). */
const userInfo = /:\/\/(?:[^\s/@:]*:[^\s/@]+|(?<=https?:\/\/)[^\s/@]+)@/g

export const redact = (text: string, redactions: Redactions): string =>
  redactions
    .reduce((line, [hidden, shown]) => (hidden === "" ? line : line.replaceAll(hidden, shown)), text)
    .replace(userInfo, "://…@")

/**
 * Splits a byte stream into lines; a line longer than `maxBytes` is cut there and its rest is dropped, so that no
 * output can fill memory.
 */
export class LineSplitter {
  readonly #maxBytes: number
  readonly #decoder = new TextDecoder()
  #rest = ""
  #dropping = false
  constructor(maxBytes: number = logLineMaxBytes * 2) {
    this.#maxBytes = maxBytes
  }
  push(chunk: Uint8Array): Array<string> {
    const parts = this.#decoder.decode(chunk, { stream: true }).split("\n")
    const lines: Array<string> = []
    for (const [index, part] of parts.entries()) {
      if (!this.#dropping) this.#rest += part
      if (this.#rest.length > this.#maxBytes) {
        this.#rest = this.#rest.slice(0, this.#maxBytes)
        this.#dropping = true
      }
      if (index < parts.length - 1) {
        lines.push(this.#rest)
        this.#rest = ""
        this.#dropping = false
      }
    }
    return lines
  }
  /** The unfinished last line, if there is one. */
  end(): Array<string> {
    const rest = this.#rest + this.#decoder.decode()
    this.#rest = ""
    return rest === "" ? [] : [rest]
  }
}
