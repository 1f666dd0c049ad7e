import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { NumberField, PolicyForm } from "../domain/policyForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { firePolicy } from "./policyEvents.ts"

export interface NumberFieldWords {
  readonly path: NumberField
  readonly label: string
  readonly unit: string
  readonly help?: string
}

/** Whole numbers of the policy beside each other, each with its unit. */
@customElement("sky-policy-numbers")
export class SkyPolicyNumbers extends LitElement {
  @property({ attribute: false }) form!: PolicyForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  @property({ attribute: false }) fields: readonly NumberFieldWords[] = []

  static override styles = [
    base,
    controls,
    css`
      .numbers {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(170px, 1fr));
        gap: 16px;
      }
      .with-unit {
        display: flex;
        align-items: center;
        gap: 8px;
        font-size: 13px;
        color: var(--sky-text-muted);
      }
      .with-unit input {
        width: 88px;
      }
    `,
  ]

  override render() {
    return html`<div class="numbers">${this.fields.map((one) => this.number(one))}</div>`
  }

  private number({ path, label, unit, help }: NumberFieldWords) {
    const error = errorAt(this.issues, path)
    const { numbers } = this.form
    const id = path.replace(".", "-")
    return field(
      { id, label, help, error },
      html`<span class="with-unit"
        ><input
          id=${id}
          class="number"
          inputmode="numeric"
          autocomplete="off"
          aria-invalid=${error === null ? "false" : "true"}
          aria-describedby=${describedBy({ id, help, error })}
          .value=${numbers[path]}
          @input=${(event: Event) =>
            firePolicy(
              this,
              { numbers: { ...numbers, [path]: (event.target as HTMLInputElement).value } },
              path,
            )}
        />${unit}</span
      >`,
    )
  }
}
