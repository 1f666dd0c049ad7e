import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import type { Checked } from "../app/SourceCheck.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import "./sky-skeleton.ts"

/** A Nix expression in its editor, and what a builder says of it. Both are loaded when they are first shown. */
@customElement("sky-expression-field")
export class SkyExpressionField extends LitElement {
  @property() organization = ""
  @property() expression = ""
  @property({ attribute: false }) error: string | null = null
  @state() private loaded = false
  @state() private checked: Checked | null = null

  static override styles = [base, controls]

  override connectedCallback(): void {
    super.connectedCallback()
    void this.load()
  }

  private async load(): Promise<void> {
    await Promise.all([import("./sky-nix-editor.ts"), import("./sky-expression-check.ts")])
    this.loaded = true
  }

  override render() {
    return html`<p class="label">Nix expression</p>
      ${
        this.loaded
          ? html`<sky-nix-editor
              .value=${this.expression}
              .checked=${this.checked}
              ?invalid=${this.error !== null}
            ></sky-nix-editor>`
          : html`<sky-skeleton .height=${222}></sky-skeleton>`
      }
      ${this.error === null ? nothing : html`<p class="wrong">${this.error}</p>`}
      <p class="help">A derivation, or a function of <code>{ pkgs, … }</code> that gives one.</p>
      ${
        this.loaded
          ? html`<sky-expression-check
              .organization=${this.organization}
              .expression=${this.expression}
              @sky-checked=${(event: CustomEvent<Checked>) => {
                this.checked = event.detail
              }}
            ></sky-expression-check>`
          : nothing
      }`
  }
}
