import type { LogLine } from "@skypanel/contract/Log"
import { html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { stripAnsi } from "../domain/ansi.ts"
import { LogBuffer, lineAnchor } from "../domain/LogBuffer.ts"
import { type LogQuery, LogSelection } from "../domain/LogSelection.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { log } from "../style/log.ts"
import { downloadLog } from "./downloadLog.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
import { logLine } from "./logLine.ts"
import { logTools } from "./logTools.ts"
import "./sky-lines.ts"
import type { SkyLines } from "./sky-lines.ts"

/** A log: follows its end until somebody scrolls up; searched, filtered, wrapped, downloaded, linked to by line. */
@customElement("sky-log")
export class SkyLog extends LitElement {
  @property({ attribute: false }) buffer = new LogBuffer()
  /** For the file that is downloaded. */
  @property() name = "log"
  /** Shown while there is no line. */
  @property() waiting = "No line yet."
  /** False: the stream is down and will be opened again. */
  @property({ type: Boolean }) live = true
  /** Several instances write: each line says which. */
  @property({ type: Boolean }) origins = false
  /** Lines that matter, by their text. */
  @property({ attribute: false }) marked: ReadonlySet<string> = new Set()
  @property({ type: Boolean, reflect: true }) wrap = false
  @state() private text = ""
  @state() private stream: LogLine["stream"] | "all" = "all"
  @state() private onlyMatches = false
  @state() private following = true
  @state() private current = -1
  @query("sky-lines") private readonly list!: SkyLines

  private readonly selection = new LogSelection()
  private renderer: { readonly key: string; readonly render: SkyLines["renderLine"] } | null = null
  private stopListening: (() => void) | null = null
  private frame: number | null = null
  private wanted = decodeURIComponent(location.hash.slice(1))

  static override styles = [base, controls, log]

  override connectedCallback(): void {
    super.connectedCallback()
    this.listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.stopListening?.()
    if (this.frame !== null) cancelAnimationFrame(this.frame)
    this.frame = null
  }

  private listen(): void {
    this.stopListening?.()
    // However fast lines come, the screen changes once per frame.
    this.stopListening = this.buffer.listen(() => {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = null
        this.requestUpdate()
      })
    })
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("buffer")) this.listen()
    this.selection.update(this.buffer, {
      text: this.text,
      stream: this.stream,
      onlyMatches: this.onlyMatches,
    })
  }

  /** Goes to the line that the address names, once it has come. */
  override updated(): void {
    if (this.wanted === "") return
    const at = this.selection.items.findIndex((line) => lineAnchor(line, this.origins) === this.wanted)
    if (at < 0) return
    this.wanted = ""
    this.goTo(at)
  }

  private goTo(at: number): void {
    this.current = at
    void this.list.updateComplete.then(() => this.list.goTo(at))
  }

  /** Another function whenever lines look different, so that the list renders them again. */
  private lineRenderer() {
    const { text, current, origins, marked } = this
    const several = origins && this.selection.origins.size > 1
    const key = `${text}\n${current}\n${several}\n${marked.size}`
    if (this.renderer?.key !== key)
      this.renderer = {
        key,
        render: (line, at) =>
          logLine(line, {
            search: text,
            anchor: lineAnchor(line, origins),
            marked: marked.size > 0 && marked.has(stripAnsi(line.text).trim()),
            current: at === current,
            origin: several ? line.origin.slice(0, 7) : null,
          }),
      }
    return this.renderer.render
  }

  override render() {
    const { items } = this.selection
    return html`${this.bar()}
      <div class="pane">
        <sky-lines
          .items=${items}
          .renderLine=${this.lineRenderer()}
          ?wrap=${this.wrap}
          @sky-following=${(event: CustomEvent<boolean>) => {
            this.following = event.detail
          }}
          @click=${this.onClick}
        ></sky-lines>
        ${
          items.length > 0
            ? nothing
            : html`<div class="empty">${this.buffer.lines.length > 0 ? "No line is left by the filter." : this.waiting}</div>`
        }
        ${
          this.following || items.length === 0
            ? nothing
            : html`<button class="newest" @click=${() => this.list.toEnd()}>${icon("down")} Jump to newest</button>`
        }
      </div>`
  }

  private bar() {
    return logTools({
      text: this.text,
      position: this.position(),
      matching: this.selection.matches.length > 0,
      onlyMatches: this.onlyMatches,
      live: this.live,
      lines: this.buffer.lines.length,
      dropped: this.buffer.dropped > 0,
      wrap: this.wrap,
      onText: (text) => this.ask({ text }),
      onOnlyMatches: (onlyMatches) => this.ask({ onlyMatches }),
      onStream: (stream) => this.ask({ stream }),
      onStep: (by) => this.step(by),
      onWrap: () => {
        this.wrap = !this.wrap
      },
      onDownload: () => downloadLog(this.buffer, this.name),
    })
  }

  private ask(part: Partial<LogQuery>): void {
    this.text = part.text ?? this.text
    this.onlyMatches = part.onlyMatches ?? this.onlyMatches
    this.stream = part.stream ?? this.stream
    this.current = -1
  }

  private position(): string {
    const { matches } = this.selection
    if (matches.length === 0) return "no match"
    const at = matches.indexOf(this.current)
    if (at >= 0) return `${at + 1} of ${matches.length}`
    return matches.length === 1 ? "1 match" : `${matches.length} matches`
  }

  private step(by: 1 | -1): void {
    const { matches } = this.selection
    if (matches.length === 0) return
    const next =
      by === 1
        ? matches.find((at) => at > this.current)
        : matches.findLast((at) => this.current < 0 || at < this.current)
    this.goTo(next ?? (by === 1 ? matches[0]! : matches.at(-1)!))
  }

  private async onClick(event: MouseEvent): Promise<void> {
    const [from] = event.composedPath()
    const anchor = from instanceof HTMLElement ? from.dataset.anchor : undefined
    if (anchor === undefined) return
    event.preventDefault()
    const link = new URL(location.href)
    link.hash = anchor
    history.replaceState(history.state, "", link)
    this.current = this.selection.items.findIndex((line) => lineAnchor(line, this.origins) === anchor)
    await navigator.clipboard.writeText(link.href).then(
      () => fire(this, "sky-notice", { tone: "good", text: "The link to this line is copied." }),
      () => {
        // The address bar has it.
      },
    )
  }
}
