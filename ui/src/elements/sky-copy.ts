import { css, html, LitElement } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"

/** Copies a text; says so for a moment. */
@customElement("sky-copy")
export class SkyCopy extends LitElement {
  @property() value = ""
  /** What is copied, such as "address". */
  @property() what = "text"
  @state() private copied = false

  static override styles = [
    base,
    controls,
    css`
      :host {
        display: inline-flex;
        vertical-align: middle;
      }
      button {
        width: 24px !important;
        min-height: 24px;
        height: 24px;
        color: var(--sky-text-muted);
      }
      .done {
        color: var(--sky-good);
      }
    `,
  ]

  override render() {
    const label = this.copied ? "Copied" : `Copy ${this.what}`
    return html`<button
      type="button"
      class="quiet icon-only ${this.copied ? "done" : ""}"
      title=${label}
      aria-label=${label}
      @click=${this.copy}
    >
      ${icon(this.copied ? "check" : "copy")}
    </button>`
  }

  private async copy(event: Event): Promise<void> {
    event.preventDefault()
    event.stopPropagation()
    try {
      await navigator.clipboard.writeText(this.value)
      this.copied = true
      setTimeout(() => {
        this.copied = false
      }, 1500)
    } catch {
      fire(this, "sky-notice", { tone: "bad", text: "The browser did not allow copying." })
    }
  }
}
