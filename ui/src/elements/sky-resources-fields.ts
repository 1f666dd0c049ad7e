import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { FieldIssue, ServiceForm } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { fireForm } from "./formEvents.ts"

type Key = "cpu" | "memory" | "storage"

const fields: readonly {
  readonly key: Key
  readonly path: string
  readonly label: string
  readonly help: string
  readonly choices: readonly string[]
}[] = [
  {
    key: "cpu",
    path: "resources.cpu",
    label: "CPU",
    help: "Cores, at most",
    choices: ["0.1", "0.25", "0.5", "1", "2", "4"],
  },
  {
    key: "memory",
    path: "resources.memoryBytes",
    label: "Memory",
    help: "Such as 256 MiB or 1 GiB",
    choices: ["128 MiB", "256 MiB", "512 MiB", "1 GiB", "2 GiB", "4 GiB"],
  },
  {
    key: "storage",
    path: "resources.storageBytes",
    label: "Storage",
    help: "Writable space in /tmp",
    choices: ["64 MiB", "256 MiB", "1 GiB", "4 GiB"],
  },
]

/** CPU, memory and storage, as text that may be typed or chosen. */
@customElement("sky-resources-fields")
export class SkyResourcesFields extends LitElement {
  @property({ attribute: false }) form!: Pick<ServiceForm, Key>
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [
    base,
    controls,
    css`
      div.fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(140px, 1fr));
        gap: 16px;
      }
    `,
  ]

  override render() {
    return html`<div class="fields">
      ${fields.map(({ key, path, label, help, choices }) => {
        const error = errorAt(this.issues, path)
        return field(
          { id: key, label, help, error },
          html`<input
              id=${key}
              class="number"
              list="${key}-choices"
              autocomplete="off"
              inputmode=${key === "cpu" ? "decimal" : "text"}
              aria-invalid=${error === null ? "false" : "true"}
              aria-describedby=${describedBy({ id: key, help, error })}
              .value=${this.form[key]}
              @input=${(event: Event) => fireForm(this, { [key]: (event.target as HTMLInputElement).value })}
            /><datalist id="${key}-choices">${choices.map((choice) => html`<option value=${choice}></option>`)}</datalist>`,
        )
      })}
    </div>`
  }
}
