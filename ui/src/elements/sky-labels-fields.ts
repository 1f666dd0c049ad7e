import { labelsMost } from "@skypanel/contract/Worker"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { LabelRow } from "../domain/labelsForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { errorAt } from "./field.ts"
import { icon } from "./icons.ts"

declare global {
  interface HTMLElementEventMap {
    /** The rows as they are now. */
    labels: CustomEvent<readonly LabelRow[]>
  }
}

/** A worker's labels: one row each. */
@customElement("sky-labels-fields")
export class SkyLabelsFields extends LitElement {
  @property({ attribute: false }) rows: readonly LabelRow[] = []
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [
    base,
    controls,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(0, 3fr) auto;
        gap: 8px;
        margin-bottom: 8px;
      }
      .wrong {
        grid-column: 1 / -1;
        margin-top: -4px;
      }
    `,
  ]

  override render() {
    const error = errorAt(this.issues, "labels")
    return html`<div role="group" aria-labelledby="labels">
      <p class="label" id="labels">Labels</p>
      <ul>
        ${this.rows.map((row, at) => this.row(row, at))}
      </ul>
      ${
        this.rows.length < labelsMost
          ? html`<button type="button" @click=${this.add}>${icon("plus")} Add label</button>`
          : nothing
      }
      ${error === null ? nothing : html`<p class="wrong">${error}</p>`}
      <p class="help">What you know of the machine, such as disk: ssd. At most ${labelsMost}.</p>
    </div>`
  }

  private row(row: LabelRow, at: number) {
    const error = errorAt(this.issues, `labels.${row.name.trim()}`)
    const input = (part: keyof LabelRow, label: string, placeholder: string) => html`<input
      id="label-${at}-${part}"
      class="mono"
      aria-label="${label} of label ${at + 1}"
      placeholder=${placeholder}
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      aria-invalid=${error === null ? "false" : "true"}
      aria-describedby=${error === null ? nothing : `label-${at}-error`}
      .value=${row[part]}
      @input=${(event: Event) => this.change(at, { [part]: (event.target as HTMLInputElement).value })}
    />`
    return html`<li>
      ${input("name", "Name", "disk")} ${input("value", "Value", "ssd")}
      <button
        type="button"
        class="quiet icon-only"
        aria-label="Remove label ${row.name || at + 1}"
        @click=${() => this.put(this.rows.filter((_, index) => index !== at))}
      >
        ${icon("close")}
      </button>
      ${error === null ? nothing : html`<p class="wrong" id="label-${at}-error">${error}</p>`}
    </li>`
  }

  private put(rows: readonly LabelRow[]): void {
    this.dispatchEvent(new CustomEvent("labels", { detail: rows }))
  }

  private change(at: number, part: Partial<LabelRow>): void {
    this.put(this.rows.map((row, index) => (index === at ? { ...row, ...part } : row)))
  }

  private add(): void {
    const at = this.rows.length
    this.put([...this.rows, { name: "", value: "" }])
    void new Promise(requestAnimationFrame)
      .then(() => this.updateComplete)
      .then(() => this.renderRoot.querySelector<HTMLElement>(`#label-${at}-name`)?.focus())
  }
}
