import { parseEnvironment } from "@skypanel/contract/environmentFile"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { mergeVariables, type Variable } from "../domain/environmentText.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { environmentFieldsStyle } from "../style/environmentFields.ts"
import { errorAt } from "./field.ts"
import { fireForm } from "./formEvents.ts"
import { icon } from "./icons.ts"

/**
 * Environment variables: one row each; a `.env` file can be pasted into any row, or in whole. Some may be there in any
 * case: they keep their names.
 */
@customElement("sky-environment-fields")
export class SkyEnvironmentFields extends LitElement {
  @property({ attribute: false }) variables: readonly Variable[] = []
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  /** Names that stay. */
  @property({ attribute: false }) fixed: readonly string[] = []
  /** Whether some may be secret. */
  @property({ type: Boolean }) secrets = false
  /** What is to be said of a value; empty: nothing. */
  @property({ attribute: false }) noteOn: (value: string) => string = () => ""
  @state() private pasting = false
  @state() private said = ""

  static override styles = [base, controls, environmentFieldsStyle]

  override render() {
    return html`<div role="group" aria-label="Environment variables">
      <ul>
        ${this.variables.map((variable, at) => this.row(variable, at))}
      </ul>
      ${
        this.pasting
          ? html`<div>
              <label for="paste">Paste a .env file</label>
              <textarea id="paste" class="mono" spellcheck="false" placeholder="NAME=value"></textarea>
              ${this.secrets ? html`<label class="all"><input id="all-secret" type="checkbox" /> All of these are secret</label>` : nothing}
              <div class="row">
                <button type="button" @click=${this.addPasted}>Add these</button>
                <button type="button" class="quiet" @click=${() => this.togglePasting(false)}>Cancel</button>
              </div>
            </div>`
          : html`<div class="row">
              <button type="button" @click=${this.add}>${icon("plus")} Add variable</button>
              <button type="button" class="quiet" @click=${() => this.togglePasting(true)}>Paste .env</button>
            </div>`
      }
      <p class="help" role="status">${this.said}</p>
    </div>`
  }

  private row(variable: Variable, at: number) {
    const error =
      errorAt(this.issues, `environment.${variable.name}`) ?? errorAt(this.issues, `secrets.${variable.name}`)
    const isSecret = variable.secret === true
    const id = `variable-${at}`
    const fixed =
      this.fixed.includes(variable.name) &&
      this.variables.findIndex(({ name }) => name === variable.name) === at
    const note = this.noteOn(variable.value)
    return html`<li>
      <input
        id="${id}-name"
        class="mono"
        aria-label="Name of variable ${at + 1}"
        placeholder="NAME"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${error === null ? nothing : `${id}-error`}
        ?readonly=${fixed || variable.kept !== undefined}
        .value=${variable.name}
        @input=${(event: Event) => this.change(at, { name: (event.target as HTMLInputElement).value })}
        @paste=${(event: ClipboardEvent) => this.onPaste(event, at)}
      />
      <input
        class="mono"
        type=${isSecret ? "password" : "text"}
        aria-label="Value of variable ${at + 1}"
        placeholder=${isSecret && variable.kept !== undefined ? `as it is: version ${variable.kept}` : "value"}
        autocomplete=${isSecret ? "new-password" : "off"}
        autocapitalize="off"
        spellcheck="false"
        aria-describedby=${note === "" ? nothing : `${id}-note`}
        .value=${variable.value}
        @input=${(event: Event) => this.change(at, { value: (event.target as HTMLInputElement).value })}
      />
      ${this.secrets ? this.secretBox(variable, at) : html`<span></span>`}
      ${fixed ? html`<span></span>` : this.removeButton(variable, at)}
      ${error === null ? nothing : html`<p class="wrong" id="${id}-error">${error}</p>`}
      ${note === "" ? nothing : html`<p class="help note" id="${id}-note">${note}</p>`}
    </li>`
  }

  private secretBox(variable: Variable, at: number) {
    return html`<label class="secret" title="Kept sealed; never shown again once it is saved">
      <input
        type="checkbox"
        aria-label="Variable ${variable.name || at + 1} is secret"
        .checked=${variable.secret === true}
        @change=${(event: Event) => this.change(at, { secret: (event.target as HTMLInputElement).checked })}
      />
      Secret
    </label>`
  }

  private removeButton({ name }: Variable, at: number) {
    return html`<button
      type="button"
      class="quiet icon-only"
      aria-label="Remove variable ${name || at + 1}"
      @click=${() => this.removeRow(at)}
    >
      ${icon("close")}
    </button>`
  }

  private put(variables: readonly Variable[]): void {
    fireForm(this, { variables })
  }

  private change(at: number, part: Partial<Variable>): void {
    this.put(this.variables.map((variable, index) => (index === at ? { ...variable, ...part } : variable)))
  }

  private add(): void {
    this.put([...this.variables, { name: "", value: "" }])
    void this.focusOn(`#variable-${this.variables.length}-name`)
  }

  private removeRow(at: number): void {
    this.put(this.variables.filter((_, index) => index !== at))
    void this.focusOn("button:not(.icon-only)")
  }

  private togglePasting(pasting: boolean): void {
    this.pasting = pasting
    void this.focusOn(pasting ? "#paste" : "button:not(.icon-only)")
  }

  private async focusOn(selector: string): Promise<void> {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus()
  }

  /** A pasted text with an assignment in it is meant as variables, not as a name. */
  private onPaste(event: ClipboardEvent, at: number): void {
    const text = event.clipboardData?.getData("text") ?? ""
    if (!text.includes("=")) return
    event.preventDefault()
    const row = this.variables[at]
    const others =
      row?.name === "" && row.value === ""
        ? this.variables.filter((_, index) => index !== at)
        : this.variables
    this.merge(others, text)
  }

  private addPasted(): void {
    const area = this.renderRoot.querySelector<HTMLTextAreaElement>("#paste")
    const secret = this.renderRoot.querySelector<HTMLInputElement>("#all-secret")?.checked === true
    if (this.merge(this.variables, area?.value ?? "", secret)) this.togglePasting(false)
  }

  /** True when every line could be read. */
  private merge(existing: readonly Variable[], text: string, secret = false): boolean {
    const { variables, refused } = parseEnvironment(text)
    const wrong = refused.map(({ line }) => line).join(", ")
    this.said =
      refused.length > 0
        ? `Line ${wrong} is no NAME=value.${variables.length > 0 ? ` ${variables.length} added.` : ""}`
        : `${variables.length} added.`
    if (variables.length > 0)
      this.put(
        mergeVariables(
          existing,
          variables.map((one) => (secret ? { ...one, secret } : one)),
        ),
      )
    return refused.length === 0
  }
}
