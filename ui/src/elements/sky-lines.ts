import type { LogLine } from "@skypanel/contract/Log"
import { html, LitElement, type PropertyValues, type TemplateResult } from "lit"
import { customElement, property, query } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { stripAnsi } from "../domain/ansi.ts"
import { LineHeights, rowsOf } from "../domain/LineHeights.ts"
import { base } from "../style/base.ts"
import { lines } from "../style/lines.ts"

declare global {
  interface HTMLElementEventMap {
    /** The list began to follow its end, or stopped. */
    "sky-following": CustomEvent<boolean>
  }
}

const rowHeight = 20
/** Lines rendered beyond either edge, so that a scroll shows no gap before the next frame. */
const overscan = 20
const nearEnd = 30

/**
 * A list of a great many lines, of which only those in sight are rendered. It follows its end until somebody moves
 * it by hand. Heights of wrapped lines are estimated, and corrected when they come into sight.
 */
@customElement("sky-lines")
export class SkyLines extends LitElement {
  @property({ attribute: false }) items: readonly LogLine[] = []
  @property({ attribute: false }) renderLine: (line: LogLine, at: number) => TemplateResult = () => html``
  @property({ type: Boolean, reflect: true }) wrap = false
  @property() label = "Log"
  following = true
  @query(".scroller") private readonly scroller!: HTMLElement

  private readonly heights = new LineHeights()
  private columns = 120
  /** A line was gone to: the position stays even where that is the end. Only a hand lets go. */
  private held = false
  private anchor: { readonly line: LogLine; readonly above: number } | null = null
  private readonly resized = new ResizeObserver(() => this.remeasure())

  static override styles = [base, lines]

  override firstUpdated(): void {
    this.resized.observe(this.scroller)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.resized.disconnect()
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("items") as readonly LogLine[] | undefined
    const grown = before !== undefined && before[0] === this.items[0] && before.length <= this.items.length
    if (!changed.has("items") && !changed.has("wrap")) return
    if (!grown || changed.has("wrap")) {
      this.anchor = this.atTop(before ?? this.items)
      this.heights.clear()
    }
    for (let at = this.heights.count; at < this.items.length; at += 1)
      this.heights.append(this.estimate(this.items[at]!))
  }

  private estimate(line: LogLine): number {
    return this.wrap ? rowHeight * rowsOf(stripAnsi(line.text), this.columns) : rowHeight
  }

  /** The first line in sight, so that the same one can stay there when others before it come or go. */
  private atTop(items: readonly LogLine[]): SkyLines["anchor"] {
    if (!this.hasUpdated || this.following || this.heights.count === 0) return null
    const at = this.heights.indexAt(this.scroller.scrollTop)
    const line = items[at]
    return line ? { line, above: this.scroller.scrollTop - this.heights.offsetOf(at) } : null
  }

  override updated(): void {
    this.measure()
    const { anchor } = this
    this.anchor = null
    if (this.following) this.stickToEnd()
    else if (anchor) {
      const at = this.items.indexOf(anchor.line)
      if (at >= 0) this.scroller.scrollTop = this.heights.offsetOf(at) + anchor.above
    }
  }

  /** Puts what is in sight at its true height; lines above the edge must not push what is below. */
  private measure(): void {
    if (!this.wrap) return
    let above = 0
    let changed = false
    for (const row of this.renderRoot.querySelectorAll<HTMLElement>(".window > div")) {
      const at = Number(row.dataset.at)
      const height = row.offsetHeight
      const change = height - this.heights.heightOf(at)
      if (change === 0 || height === 0) continue
      if (this.heights.offsetOf(at + 1) <= this.scroller.scrollTop) above += change
      this.heights.set(at, height)
      changed = true
    }
    if (!changed) return
    if (above !== 0 && !this.following) this.scroller.scrollTop += above
    this.requestUpdate()
  }

  private remeasure(): void {
    const text = this.renderRoot.querySelector<HTMLElement>(".window .text")
    const probe = this.renderRoot.querySelector<HTMLElement>(".probe")
    if (this.wrap && text && probe) {
      const left = text.getBoundingClientRect().left - this.scroller.getBoundingClientRect().left
      this.columns = Math.max(
        10,
        Math.floor((this.scroller.clientWidth - left - 12) / (probe.offsetWidth / 100)),
      )
      this.heights.clear()
      for (const line of this.items) this.heights.append(this.estimate(line))
    }
    this.requestUpdate()
  }

  override render() {
    const height = this.hasUpdated ? this.scroller.clientHeight : 600
    const top = this.following
      ? Math.max(0, this.heights.total - height)
      : this.hasUpdated
        ? this.scroller.scrollTop
        : 0
    const first = Math.max(0, this.heights.indexAt(top) - overscan)
    const last = Math.min(this.items.length, this.heights.indexAt(top + height) + 1 + overscan)
    const shown = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at)
    return html`<div
      class="scroller"
      role="log"
      aria-live="off"
      aria-label=${this.label}
      tabindex="0"
      @scroll=${this.onScroll}
      @wheel=${(event: WheelEvent) => this.hand(event.deltaY < 0)}
      @touchmove=${() => this.hand(true)}
      @pointerdown=${this.onPress}
      @keydown=${this.onKey}
    >
      <span class="probe" aria-hidden="true">${"x".repeat(100)}</span>
      <div class="sizer" .style=${`height: ${this.heights.total}px`}>
        <div class="window" .style=${`transform: translateY(${this.heights.offsetOf(first)}px)`}>
          ${repeat(
            shown,
            (at) => this.items[at],
            (at) => html`<div data-at=${at}>${this.renderLine(this.items[at]!, at)}</div>`,
          )}
        </div>
      </div>
    </div>`
  }

  /** Shows this line in the middle, and stays there. */
  goTo(index: number): void {
    this.follow(false)
    this.held = true
    const middle = this.scroller.clientHeight / 2 - rowHeight
    this.scroller.scrollTop = Math.max(0, this.heights.offsetOf(index) - middle)
    this.requestUpdate()
  }

  toEnd(): void {
    this.held = false
    this.follow(true)
    this.requestUpdate()
  }

  private stickToEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight
  }

  private follow(following: boolean): void {
    if (this.following === following) return
    this.following = following
    this.dispatchEvent(new CustomEvent("sky-following", { detail: following }))
  }

  /** Moved by hand: upwards means to stay there, downwards may reach the end again. */
  private hand(upwards: boolean): void {
    this.held = false
    if (upwards) this.follow(false)
  }

  private readonly onScroll = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller
    if (scrollHeight - scrollTop - clientHeight < nearEnd && !this.held) this.follow(true)
    this.requestUpdate()
  }

  /** A press on the scroll bar takes the position in hand. */
  private onPress(event: PointerEvent): void {
    if (event.offsetX > this.scroller.clientWidth) this.hand(true)
  }

  private onKey(event: KeyboardEvent): void {
    if (["ArrowUp", "PageUp", "Home"].includes(event.key)) this.hand(true)
    if (["ArrowDown", "PageDown"].includes(event.key)) this.hand(false)
    if (event.key === "End") this.toEnd()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "sky-lines": SkyLines
  }
}
