import type { FleetPolicy } from "@skypanel/contract/Fleet"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { PolicyForm } from "../domain/policyForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { firePolicy } from "./policyEvents.ts"
import "./sky-policy-numbers.ts"
import type { NumberFieldWords } from "./sky-policy-numbers.ts"

const failovers: readonly {
  readonly value: FleetPolicy["failover"]["kind"]
  readonly title: string
  readonly help: string
}[] = [
  {
    value: "at-once",
    title: "At once",
    help: "As soon as it is suspect. A short outage may move services for nothing.",
  },
  {
    value: "after",
    title: "After some minutes",
    help: "Only when it has been silent for so long. Until then its services are down.",
  },
  {
    value: "by-hand",
    title: "Only by hand",
    help: "Nothing moves until an administrator says so. You are told.",
  },
]

const minutes: readonly NumberFieldWords[] = [
  { path: "failover.minutes", label: "Silent for", unit: "minutes" },
]

/** When services are moved away from a worker that is lost. */
@customElement("sky-failover-fields")
export class SkyFailoverFields extends LitElement {
  @property({ attribute: false }) form!: PolicyForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [base, controls, choices]

  override render() {
    const { form } = this
    return html`<div class="stack">
      <fieldset class="choices">
        <legend class="hidden-text">When services are moved</legend>
        ${failovers.map(({ value, title, help }) =>
          choice({
            id: value,
            group: "failover",
            title,
            help,
            checked: form.failover === value,
            choose: () => firePolicy(this, { failover: value }, "failover.minutes"),
          }),
        )}
      </fieldset>
      ${
        form.failover === "after"
          ? html`<sky-policy-numbers .form=${form} .issues=${this.issues} .fields=${minutes}></sky-policy-numbers>`
          : nothing
      }
      <p class="help">
        Services with a volume move only if they may start empty. When half the workers or more are silent at once,
        nothing moves by itself.
      </p>
    </div>`
  }
}
