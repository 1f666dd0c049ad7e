import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"

/** How much of something is used: a bar, and the words beside it. */
@customElement("sky-bar")
export class SkyBar extends LitElement {
  /** 0 to 1. */
  @property({ type: Number }) share = 0
  @property() label = ""
  /** What the numbers are, such as "1.2 GiB of 4 GiB". */
  @property() text = ""
  /** Full is what is wanted: no colour of warning. */
  @property({ type: Boolean }) plain = false
  /** 0 to 1: a mark on the bar, for what is promised of it. Null: none. */
  @property({ attribute: false }) reserved: number | null = null
  /** What the mark means, below the bar. */
  @property({ attribute: false }) reservedText: string | null = null

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 4px;
        min-width: 110px;
      }
      .words {
        font-size: 12px;
        line-height: 16px;
        font-variant-numeric: tabular-nums;
        white-space: var(--sky-bar-wrap, nowrap);
        text-wrap-style: balance;
      }
      .track {
        position: relative;
        height: 4px;
        border-radius: 2px;
        background: var(--sky-idle-quiet);
      }
      .mark {
        position: absolute;
        inset: -3px auto -3px calc(var(--reserved) * 100%);
        width: 2px;
        margin-left: -1px;
        border-radius: 1px;
        background: var(--sky-text-muted);
      }
      .reserved {
        font-size: 11px;
        line-height: 16px;
        color: var(--sky-text-muted);
        font-variant-numeric: tabular-nums;
        white-space: var(--sky-bar-wrap, nowrap);
        text-wrap-style: balance;
      }
      i {
        display: block;
        height: 100%;
        border-radius: 2px;
        background: var(--sky-accent);
        width: 100%;
        transform-origin: 0 50%;
        transform: scaleX(var(--share));
      }
      .high i {
        background: var(--sky-warn);
      }
      .full i {
        background: var(--sky-bad);
      }
    `,
  ]

  override render() {
    const share = Math.min(1, Math.max(0, this.share))
    const level = this.plain ? "" : share > 0.92 ? "full" : share > 0.8 ? "high" : ""
    return html`<span class="words">${this.text}</span>
      <div
        class="track ${level}"
        role="meter"
        aria-label=${this.label}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round(share * 100)}
        aria-valuetext=${this.text}
      >
        <i .style=${`--share: ${share}`}></i>
        ${
          this.reserved === null
            ? nothing
            : html`<span class="mark" .style=${`--reserved: ${Math.min(1, Math.max(0, this.reserved))}`}></span>`
        }
      </div>
      ${this.reservedText === null ? nothing : html`<span class="reserved">${this.reservedText}</span>`}`
  }
}
