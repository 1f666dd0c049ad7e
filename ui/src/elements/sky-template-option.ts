import type { TemplateOption } from "@skypanel/contract/TemplateOptions"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { FieldIssue } from "../domain/serviceForm.ts"
import type { OptionForm } from "../domain/templateForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { icon } from "./icons.ts"

const types: readonly (readonly [TemplateOption["type"], string])[] = [
  ["text", "Text"],
  ["number", "Number"],
  ["choice", "One of several"],
  ["boolean", "Yes or no"],
  ["secret", "Secret"],
]

type Key = "name" | "label" | "default" | "min" | "max" | "description" | "variable" | "choices"

/** One option of a template, as its author writes it. Says `option` with what was typed, `move` (-1 or 1) and `drop`. */
@customElement("sky-template-option")
export class SkyTemplateOption extends LitElement {
  @property({ attribute: false }) form!: OptionForm
  @property({ type: Number }) at = 0
  @property({ type: Number }) count = 1
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [
    base,
    controls,
    css`
      fieldset {
        border: 1px solid var(--sky-border);
        border-radius: var(--sky-radius-small);
        padding: 12px;
        margin: 0;
        min-width: 0;
        display: grid;
        gap: 12px;
      }
      legend {
        padding: 0 4px;
        font-weight: 600;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(180px, 100%), 1fr));
        gap: 12px;
      }
    `,
  ]

  private get named(): string {
    return this.form.label || this.form.name || `option ${this.at + 1}`
  }

  override render() {
    const { form } = this
    return html`<fieldset>
      <legend>${this.named}</legend>
      <div class="fields">
        ${this.text("name", "Name in the expression", "Read as options.NAME", true)}
        ${this.text("label", "Label", "What the customer reads")} ${this.type()} ${this.default()}
        ${form.type === "choice" ? this.choices() : nothing}
        ${
          form.type === "choice" || form.type === "boolean"
            ? nothing
            : html`${this.text("min", form.type === "number" ? "At least" : "Characters, at least")}
              ${this.text("max", form.type === "number" ? "At most" : "Characters, at most")}`
        }
        ${this.text("variable", "Variable", "It gets the value, and the build does not", true)}
        ${this.text("description", "Help", "Stands below the field")}
      </div>
      ${choice({
        id: "required",
        title: "It has to be chosen",
        checked: form.required,
        choose: (required) => this.put({ required }),
      })}
      <div class="row wrap">
        ${this.act("Move up", this.at === 0, () => this.fire("move", -1))}
        ${this.act("Move down", this.at === this.count - 1, () => this.fire("move", 1))}
        <button type="button" class="quiet danger" aria-label="Remove ${this.named}" @click=${() => this.fire("drop", null)}>
          ${icon("close")} Remove
        </button>
      </div>
    </fieldset>`
  }

  private act(word: string, disabled: boolean, run: () => void) {
    return html`<button
      type="button"
      class="quiet"
      aria-label="${word}: ${this.named}"
      aria-disabled=${disabled ? "true" : "false"}
      @click=${() => disabled || run()}
    >
      ${word}
    </button>`
  }

  /** What is wrong with a field of this option. */
  private errorOf(key: string): string | null {
    return errorAt(this.issues, `options.${this.at}.${key}`)
  }

  private text(key: Key, label: string, help = "", mono = false) {
    const error = this.errorOf(key)
    return field(
      { id: key, label, help, error },
      html`<input
        id=${key}
        class=${mono ? "mono" : ""}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: key, help, error })}
        .value=${this.form[key]}
        @input=${(event: Event) => this.put({ [key]: (event.target as HTMLInputElement).value })}
      />`,
    )
  }

  private type() {
    const error = this.errorOf("type")
    return field(
      { id: "type", label: "Type", error },
      html`<select
        id="type"
        @change=${(event: Event) =>
          this.put({
            type: (event.target as HTMLSelectElement).value as TemplateOption["type"],
            default: "",
          })}
      >
        ${types.map(([type, word]) => html`<option value=${type} ?selected=${type === this.form.type}>${word}</option>`)}
      </select>`,
    )
  }

  /** Of what can be chosen it is one; a secret has none. */
  private default() {
    const { type, choices, default: typed } = this.form
    if (type === "secret") return nothing
    if (type === "text" || type === "number") return this.text("default", "Default")
    const error = this.errorOf("default")
    const values =
      type === "boolean"
        ? [
            ["true", "Yes"],
            ["false", "No"],
          ]
        : choices.split("\n").flatMap((line) => (line.trim() === "" ? [] : [[line.trim(), line.trim()]]))
    return field(
      { id: "default", label: "Default", error },
      html`<select
        id="default"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: "default", error })}
        @change=${(event: Event) => this.put({ default: (event.target as HTMLSelectElement).value })}
      >
        <option value="" ?selected=${typed === ""}>None</option>
        ${values.map(([value, word]) => html`<option value=${value!} ?selected=${value === typed}>${word}</option>`)}
      </select>`,
    )
  }

  private choices() {
    const help = "One on each line"
    const error = this.errorOf("choices")
    return field(
      { id: "choices", label: "Choices", help, error },
      html`<textarea
        id="choices"
        rows="3"
        spellcheck="false"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: "choices", help, error })}
        .value=${this.form.choices}
        @input=${(event: Event) => this.put({ choices: (event.target as HTMLTextAreaElement).value })}
      ></textarea>`,
    )
  }

  private put(part: Partial<OptionForm>): void {
    this.fire("option", { ...this.form, ...part })
  }

  private fire(name: "option" | "move" | "drop", detail: OptionForm | -1 | 1 | null): void {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}
