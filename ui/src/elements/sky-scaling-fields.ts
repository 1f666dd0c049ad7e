import type { ScalingPolicy, ScalingTrigger } from "@skypanel/contract/Fleet"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { NumberField, PolicyForm } from "../domain/policyForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { firePolicy } from "./policyEvents.ts"

const triggers: readonly { readonly value: ScalingTrigger; readonly title: string }[] = [
  { value: "no-capacity", title: "There is no room for a service" },
  { value: "cpu", title: "An alert for CPU" },
  { value: "memory", title: "An alert for memory" },
  { value: "disk", title: "An alert for disk" },
]

const providers: readonly { readonly value: ScalingPolicy["provider"]; readonly title: string }[] = [
  { value: "linode", title: "Linode" },
  { value: "digitalocean", title: "DigitalOcean" },
]

/** Which machine shall be added when the fleet is short of something. */
@customElement("sky-scaling-fields")
export class SkyScalingFields extends LitElement {
  @property({ attribute: false }) form!: PolicyForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [
    base,
    controls,
    choices,
    css`
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(170px, 1fr));
        gap: 16px;
      }
    `,
  ]

  override render() {
    return html`<div class="stack">
      ${choice({
        id: "scaling",
        title: "Say which machine to add",
        help: "You are told each time it is due. For now nothing is ordered by itself.",
        checked: this.form.scaling,
        choose: (scaling) => firePolicy(this, { scaling }, "scaling"),
      })}
      ${this.form.scaling ? this.details() : nothing}
    </div>`
  }

  private details() {
    const error = errorAt(this.issues, "scaling.on")
    return html`<fieldset class="choices" aria-describedby=${error === null ? nothing : "on-error"}>
        <legend class="label">It is due on</legend>
        ${triggers.map(({ value, title }) =>
          choice({
            id: value,
            title,
            checked: this.form.on.includes(value),
            wrong: error !== null,
            choose: (chosen) => this.choose(value, chosen),
          }),
        )}
        ${error === null ? nothing : html`<p class="wrong" id="on-error">${error}</p>`}
      </fieldset>
      <div class="fields">
        ${this.provider()} ${this.text("plan", "Plan", "Its name there, such as g6-standard-4")}
        ${this.text("region", "Region", "As the provider calls it")}
        ${this.number("scaling.workersMost", "No more workers than", "In all")}
        ${this.number("scaling.pauseMinutes", "Not again within", "Minutes")}
      </div>`
  }

  private choose(trigger: ScalingTrigger, chosen: boolean): void {
    const on = triggers
      .map(({ value }) => value)
      .filter((value) => (value === trigger ? chosen : this.form.on.includes(value)))
    firePolicy(this, { on }, "scaling.on")
  }

  private provider() {
    return field(
      { id: "provider", label: "Provider", error: null },
      html`<select
        id="provider"
        @change=${(event: Event) =>
          firePolicy(
            this,
            { provider: (event.target as HTMLSelectElement).value as ScalingPolicy["provider"] },
            "scaling.provider",
          )}
      >
        ${providers.map(
          ({ value, title }) =>
            html`<option value=${value} ?selected=${this.form.provider === value}>${title}</option>`,
        )}
      </select>`,
    )
  }

  private text(key: "plan" | "region", label: string, help: string) {
    return this.input(`scaling.${key}`, label, help, this.form[key], (value) => ({ [key]: value }))
  }

  private number(path: NumberField, label: string, help: string) {
    const { numbers } = this.form
    return this.input(path, label, help, numbers[path], (value) => ({
      numbers: { ...numbers, [path]: value },
    }))
  }

  private input(
    path: string,
    label: string,
    help: string,
    value: string,
    part: (value: string) => Partial<PolicyForm>,
  ) {
    const error = errorAt(this.issues, path)
    const id = path.replace(".", "-")
    return field(
      { id, label, help, error },
      html`<input
        id=${id}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id, help, error })}
        .value=${value}
        @input=${(event: Event) => firePolicy(this, part((event.target as HTMLInputElement).value), path)}
      />`,
    )
  }
}
