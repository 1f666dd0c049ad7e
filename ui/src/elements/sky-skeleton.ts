import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"

/** Stands where something will be, in its size. */
@customElement("sky-skeleton")
export class SkySkeleton extends LitElement {
  @property({ type: Number }) rows = 1
  /** Of one row, in pixels. */
  @property({ type: Number }) height = 20

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      i {
        display: block;
        border-radius: 6px;
        background: var(--sky-idle-quiet);
        animation: breathe 1.6s ease-in-out infinite;
      }
      @keyframes breathe {
        50% {
          opacity: 0.55;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        i {
          animation: none;
        }
      }
    `,
  ]

  override render() {
    return html`<span class="hidden-text" role="status">Loading</span>
      ${Array.from({ length: this.rows }, () => html`<i></i>`)}`
  }

  override updated(): void {
    // Through the object model: a style attribute would be refused by the content security policy.
    for (const row of this.renderRoot.querySelectorAll("i")) row.style.height = `${this.height}px`
  }
}
