import "@awesome.me/webawesome/dist/components/dialog/dialog.js"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { asProblem, type Problem } from "../data/problem.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import "./sky-problem.ts"

/** Asks before something that matters; for what cannot be undone, by its name. Says in its slot what goes. */
@customElement("sky-confirm")
export class SkyConfirm extends LitElement {
  @property() heading = ""
  /** The verb on the button, such as "Delete". */
  @property() verb = ""
  @property({ type: Boolean }) dangerous = false
  /** Has to be typed first; empty: nothing has to. */
  @property() name = ""
  @property({ attribute: false }) run: () => Promise<void> = async () => {}
  @state() private open = false
  @state() private typed = ""
  @state() private busy = false
  @state() private problem: Problem | null = null

  static override styles = [
    base,
    controls,
    css`
      /* It stands in forms and lists, and shall take no room there, not even a gap. */
      :host {
        display: contents;
      }
      wa-dialog {
        --width: 440px;
        --spacing: 20px;
      }
      wa-dialog::part(title) {
        font-size: 16px;
        line-height: 24px;
      }
      wa-dialog::part(dialog) {
        border: 1px solid var(--sky-border);
        color: var(--sky-text);
      }
      .stack {
        gap: 12px;
        font-size: 14px;
      }
      .name {
        font-family: var(--sky-mono);
        font-weight: 600;
      }
    `,
  ]

  show(): void {
    this.typed = ""
    this.problem = null
    this.open = true
  }

  override render() {
    if (!this.open) return nothing
    const ready = !this.busy && this.typed === this.name
    return html`<wa-dialog
      open
      without-header
      light-dismiss
      label=${this.heading}
      @wa-after-hide=${this.closed}
    >
      <form class="stack" @submit=${this.submit}>
        <h2>${this.heading}</h2>
        <slot></slot>
        ${
          this.name === ""
            ? nothing
            : html`<div>
                <label for="name">Type <span class="name">${this.name}</span> to confirm</label>
                <input
                  id="name"
                  class="mono"
                  autocomplete="off"
                  autocapitalize="off"
                  spellcheck="false"
                  autofocus
                  .value=${this.typed}
                  @input=${(event: Event) => {
                    this.typed = (event.target as HTMLInputElement).value
                  }}
                />
              </div>`
        }
        <sky-problem .problem=${this.problem}></sky-problem>
        <div class="row">
          <button type="submit" class=${this.dangerous ? "danger filled" : "primary"} aria-disabled=${ready ? "false" : "true"}>
            ${this.verb}
          </button>
          <button type="button" @click=${this.close}>Cancel</button>
        </div>
      </form>
    </wa-dialog>`
  }

  private close(): void {
    const dialog = this.renderRoot.querySelector("wa-dialog")
    if (dialog) dialog.open = false
  }

  private closed(event: Event): void {
    if (event.target === event.currentTarget) this.open = false
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy || this.typed !== this.name) return
    this.busy = true
    try {
      await this.run()
      this.close()
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }
}
