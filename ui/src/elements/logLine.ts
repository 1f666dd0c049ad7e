import type { LogLine } from "@skypanel/contract/Log"
import { html, nothing, type TemplateResult } from "lit"
import { parseAnsi, type Span, stripAnsi } from "../domain/ansi.ts"
import { cutAtHits, hitsIn } from "../domain/search.ts"

export interface LineLook {
  readonly search: string
  readonly anchor: string
  readonly marked: boolean
  readonly current: boolean
  /** Shown before the line where several instances write. */
  readonly origin: string | null
}

/** A line is only ever text nodes in spans: whatever a program prints stays text. */
export const logLine = (line: LogLine, look: LineLook): TemplateResult => html`<div
  class="line ${line.stream} ${look.marked ? "marked" : ""} ${look.current ? "current" : ""}"
>
  <a class="no" href="#${look.anchor}" tabindex="-1" title="Link to this line" data-anchor=${look.anchor}>${line.seq}</a
  ><time datetime=${line.at} title=${line.at}>${line.at.slice(11, 19)}</time
  >${look.origin === null ? nothing : html`<span class="origin">${look.origin}</span>`}<span class="text"
    >${pieces(line.text, look.search)}</span
  >
</div>`

const pieces = (text: string, search: string) => {
  const hits = search === "" ? [] : hitsIn(stripAnsi(text), search)
  let offset = 0
  return parseAnsi(text).map((span) => {
    const from = offset
    offset += span.text.length
    const content = cutAtHits(span.text, from, hits).map((piece) =>
      piece.hit ? html`<mark>${piece.text}</mark>` : piece.text,
    )
    return isPlain(span)
      ? content
      : html`<span class=${classOf(span)} .style=${styleOf(span)}>${content}</span>`
  })
}

const isPlain = (span: Span): boolean =>
  span.colour === null &&
  span.background === null &&
  !span.bold &&
  !span.dim &&
  !span.italic &&
  !span.underline

const classOf = (span: Span): string =>
  [
    span.colour !== null && !span.colour.startsWith("#") ? `fg-${span.colour.replace("bright-", "")}` : "",
    span.background !== null && !span.background.startsWith("#")
      ? `bg-${span.background.replace("bright-", "")}`
      : "",
    span.bold ? "bold" : "",
    span.dim ? "dim" : "",
    span.italic ? "italic" : "",
    span.underline ? "underline" : "",
  ]
    .filter(Boolean)
    .join(" ")

/** Set through the object model, which a content security policy without inline styles allows. */
const styleOf = (span: Span): string =>
  [
    span.colour?.startsWith("#") ? `color: color-mix(in oklab, ${span.colour} 45%, var(--sky-text))` : "",
    span.background?.startsWith("#")
      ? `background: color-mix(in oklab, ${span.background} 30%, transparent)`
      : "",
  ]
    .filter(Boolean)
    .join(";")
