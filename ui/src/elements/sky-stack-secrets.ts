import type { Stack } from "@skypanel/contract/Stack"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { asProblem } from "../data/problem.ts"
import { revealSecret } from "../data/stacks.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import "./sky-code.ts"
import "./sky-time.ts"

/** The secrets of a stack by their names; a value is there once somebody asked for it, until the page is left. */
@customElement("sky-stack-secrets")
export class SkyStackSecrets extends LitElement {
  @property() organization = ""
  @property({ attribute: false }) stack!: Stack
  @state() private shown: { readonly [name: string]: string } = {}

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
      }
      li {
        display: grid;
        gap: 8px;
        padding: 8px 0;
      }
    `,
  ]

  override render() {
    const { secrets } = this.stack
    if (secrets.length === 0) return nothing
    return html`<section class="card" aria-labelledby="heading">
      <h2 id="heading">Secrets</h2>
      <p class="small muted">Made for this stack. Variables refer to them, such as <code>\${${secrets[0]!.name}}</code>.</p>
      <ul>
        ${secrets.map(
          ({ name, shownAt, shownTo }) => html`<li>
            <div class="row spread wrap">
              <span
                ><code>${name}</code>
                ${shownAt === null ? html`<span class="small muted">never shown</span>` : html`<span class="small muted">shown to ${shownTo} <sky-time .at=${shownAt}></sky-time></span>`}</span
              >
              ${
                this.shown[name] === undefined
                  ? html`<button aria-label="Show ${name}" @click=${() => this.show(name)}>Show</button>`
                  : html`<button aria-label="Hide ${name}" @click=${() => this.hide(name)}>Hide</button>`
              }
            </div>
            ${this.shown[name] === undefined ? nothing : html`<sky-code .value=${this.shown[name]} what="secret"></sky-code>`}
          </li>`,
        )}
      </ul>
    </section>`
  }

  private async show(name: string): Promise<void> {
    try {
      const { value } = await revealSecret(this.organization, this.stack.name, name)
      this.shown = { ...this.shown, [name]: value }
    } catch (error) {
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    }
  }

  private hide(name: string): void {
    const { [name]: _, ...rest } = this.shown
    this.shown = rest
  }
}
