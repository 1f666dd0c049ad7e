import { css, html, LitElement, svg } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { Look } from "../domain/looks.ts"
import { base } from "../style/base.ts"

const shapes: Record<Look["shape"], unknown> = {
  disc: svg`<circle cx="6" cy="6" r="4.5" fill="currentColor" />`,
  ring: svg`<circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="1.6" />`,
  spinner: svg`<circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="1.6" opacity=".3" /><path class="turns" d="M6 2a4 4 0 0 1 4 4" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />`,
  triangle: svg`<path d="M6 1.2 11.3 10.6H.7z" fill="currentColor" />`,
  cross: svg`<path d="M2.5 2.5l7 7M9.5 2.5l-7 7" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />`,
  square: svg`<rect x="2" y="2" width="8" height="8" rx="1" fill="currentColor" />`,
  dash: svg`<circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.2 2" />`,
}

/** A state: word, shape and colour. */
@customElement("sky-state")
export class SkyState extends LitElement {
  @property({ attribute: false }) look: Look | null = null
  /** Without the tinted ground, for dense places. */
  @property({ type: Boolean, reflect: true }) bare = false

  static override styles = [
    base,
    css`
      :host {
        display: inline-flex;
        vertical-align: middle;
      }
      span {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        font-size: 12px;
        line-height: 16px;
        font-weight: 550;
        padding: 3px 9px 3px 7px;
        border-radius: 999px;
        white-space: nowrap;
      }
      :host([bare]) span {
        padding: 0;
        background: none !important;
      }
      svg {
        width: 12px;
        height: 12px;
        flex: none;
      }
      .good {
        color: var(--sky-good);
        background: var(--sky-good-quiet);
      }
      .busy {
        color: var(--sky-busy);
        background: var(--sky-busy-quiet);
      }
      .warn {
        color: var(--sky-warn);
        background: var(--sky-warn-quiet);
      }
      .bad {
        color: var(--sky-bad);
        background: var(--sky-bad-quiet);
      }
      .idle {
        color: var(--sky-idle);
        background: var(--sky-idle-quiet);
      }
      .turns {
        transform-origin: 6px 6px;
        animation: turn 1s linear infinite;
      }
      @keyframes turn {
        to {
          transform: rotate(360deg);
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .turns {
          animation: none;
        }
      }
    `,
  ]

  override render() {
    if (this.look === null) return null
    return html`<span class=${this.look.tone}
      ><svg viewBox="0 0 12 12" aria-hidden="true">${shapes[this.look.shape]}</svg>${this.look.word}</span
    >`
  }
}
