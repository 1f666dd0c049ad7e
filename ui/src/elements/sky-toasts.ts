import { css, html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { pathOf } from "../domain/paths.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import type { Notice } from "./events.ts"
import { icon } from "./icons.ts"

interface Shown extends Notice {
  readonly id: number
}

const shownMs = 6000
const mostShown = 4

/** How actions went, in a corner. Bad news stays until it is closed. */
@customElement("sky-toasts")
export class SkyToasts extends LitElement {
  @state() private notices: readonly Shown[] = []
  private next = 1

  static override styles = [
    base,
    controls,
    css`
      :host {
        position: fixed;
        inset: auto 16px 16px auto;
        z-index: 50;
        display: grid;
        gap: 8px;
        width: min(360px, calc(100vw - 32px));
        pointer-events: none;
      }
      .notice {
        pointer-events: auto;
        display: flex;
        gap: 8px;
        align-items: flex-start;
        padding: 10px 8px 10px 12px;
        border-radius: var(--sky-radius);
        border: 1px solid var(--sky-border);
        background: var(--sky-raised);
        box-shadow: var(--sky-shadow-float);
        font-size: 13px;
        line-height: 20px;
      }
      .notice > .icon {
        margin-top: 2px;
      }
      .good > .icon {
        color: var(--sky-good);
      }
      .bad > .icon {
        color: var(--sky-bad);
      }
      p {
        flex: 1;
        overflow-wrap: anywhere;
      }
      button {
        min-height: 20px;
        height: 20px;
        width: 20px !important;
      }
      @media (max-width: 700px) {
        :host {
          inset: auto 16px 72px 16px;
        }
      }
    `,
  ]

  show(notice: Notice): void {
    const id = this.next++
    this.notices = [...this.notices, { ...notice, id }].slice(-mostShown)
    if (notice.tone === "good") setTimeout(() => this.drop(id), shownMs)
  }

  private drop(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id)
  }

  override render() {
    return html`<div role="status" aria-live="polite" class="stack">
      ${repeat(
        this.notices,
        (notice) => notice.id,
        (notice) => html`<div class="notice ${notice.tone}">
          ${icon(notice.tone === "good" ? "check" : "warning")}
          <p>
            ${notice.text}
            ${
              notice.place
                ? html`<a href=${pathOf(notice.place)} @click=${() => this.drop(notice.id)}>Look at it</a>`
                : nothing
            }
          </p>
          <button class="quiet icon-only" aria-label="Close" @click=${() => this.drop(notice.id)}>
            ${icon("close")}
          </button>
        </div>`,
      )}
    </div>`
  }
}
