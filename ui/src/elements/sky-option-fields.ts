import type { OptionValue, TemplateOption } from "@skypanel/contract/TemplateOptions"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { describedBy, errorAt, field } from "./field.ts"

declare global {
  interface HTMLElementEventMap {
    "sky-options": CustomEvent<Readonly<Record<string, OptionValue>>>
  }
}

/** What a template asks, one field for each of its options. */
@customElement("sky-option-fields")
export class SkyOptionFields extends LitElement {
  @property({ attribute: false }) options: readonly TemplateOption[] = []
  @property({ attribute: false }) values: Readonly<Record<string, OptionValue>> = {}
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  /** Variables that the service has: a secret that was set is not asked for again. */
  @property({ attribute: false }) present: readonly string[] = []

  static override styles = [
    base,
    controls,
    css`
      .options {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(260px, 100%), 1fr));
        gap: 16px;
      }
    `,
  ]

  override render() {
    return html`<div class="options">${this.options.map((option) => this.field(option))}</div>`
  }

  private field(option: TemplateOption) {
    const { name, type, description } = option
    const chosen = Object.hasOwn(this.values, name) ? this.values[name]! : null
    const error = errorAt(this.issues, `source.options.${name}`)
    const id = `option-${name}`
    if (type === "boolean")
      return html`<div>
        ${choice({
          id,
          title: option.label,
          ...(description === "" ? {} : { help: description }),
          checked: (chosen ?? option.default) === true,
          wrong: error !== null,
          choose: (checked) => this.put(name, checked),
        })}
        ${error === null ? nothing : html`<p class="wrong">${error}</p>`}
      </div>`
    const set = option.variable !== null && this.present.includes(option.variable)
    const help = [description, set && chosen === null ? "Set already; empty keeps it." : ""]
      .filter(Boolean)
      .join(" ")
    const label = option.required ? option.label : `${option.label} (optional)`
    const described = describedBy({ id, help, error })
    return field(
      { id, label, help, error },
      type === "choice"
        ? html`<select
            id=${id}
            aria-invalid=${error === null ? "false" : "true"}
            aria-describedby=${described}
            @change=${(event: Event) => this.put(name, (event.target as HTMLSelectElement).value)}
          >
            ${chosen === null && option.default === null ? html`<option value="" selected>Choose…</option>` : nothing}
            ${option.choices.map(
              (each) =>
                html`<option value=${each} ?selected=${each === (chosen ?? option.default)}>${each}</option>`,
            )}
          </select>`
        : html`<input
            id=${id}
            type=${type === "secret" ? "password" : "text"}
            inputmode=${type === "number" ? "decimal" : "text"}
            autocomplete=${type === "secret" ? "new-password" : "off"}
            spellcheck="false"
            placeholder=${option.default === null ? "" : String(option.default)}
            aria-invalid=${error === null ? "false" : "true"}
            aria-describedby=${described}
            .value=${chosen === null ? "" : String(chosen)}
            @input=${(event: Event) => this.put(name, (event.target as HTMLInputElement).value)}
          />`,
    )
  }

  private put(name: string, value: OptionValue): void {
    const detail = { ...this.values, [name]: value }
    this.dispatchEvent(new CustomEvent("sky-options", { detail, bubbles: true, composed: true }))
  }
}
