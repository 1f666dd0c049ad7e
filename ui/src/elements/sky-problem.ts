import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { Problem } from "../data/problem.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { icon } from "./icons.ts"

/** What happened, what to do, and a way to try again (the `retry` event). */
@customElement("sky-problem")
export class SkyProblem extends LitElement {
  @property({ attribute: false }) problem: Problem | null = null
  @property({ type: Boolean }) retryable = false

  static override styles = [
    base,
    controls,
    css`
      .box {
        display: flex;
        gap: 12px;
        align-items: flex-start;
        padding: 12px 16px;
        border: 1px solid color-mix(in srgb, var(--sky-bad) 35%, transparent);
        background: var(--sky-bad-quiet);
        border-radius: var(--sky-radius);
      }
      .box > .icon {
        color: var(--sky-bad);
        margin-top: 3px;
      }
      .text {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      strong {
        font-weight: 600;
      }
    `,
  ]

  /** Without a problem it takes no room, not even a gap. */
  override willUpdate(): void {
    this.hidden = this.problem === null
  }

  override render() {
    if (this.problem === null) return nothing
    return html`<div class="box" role="alert">
      ${icon("warning")}
      <div class="text">
        <strong>${this.problem.message}</strong>
        <p class="muted">${this.problem.next}</p>
      </div>
      ${
        this.retryable
          ? html`<button type="button" @click=${() => this.dispatchEvent(new Event("retry"))}>
              ${icon("restart")} Try again
            </button>`
          : nothing
      }
    </div>`
  }
}
