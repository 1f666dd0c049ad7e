import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { FieldIssue } from "../domain/serviceForm.ts"
import type { TemplateVariable } from "../domain/templateForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { icon } from "./icons.ts"

const empty: TemplateVariable = { name: "", value: "", description: "" }

/** The variables that a service of a template begins with, each with a word of what it is for. Says `variables`. */
@customElement("sky-template-variables")
export class SkyTemplateVariables extends LitElement {
  @property({ attribute: false }) variables: readonly TemplateVariable[] = []
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [
    base,
    controls,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(0, 2fr) minmax(0, 3fr) auto;
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
    return html`<div role="group" aria-label="Variables">
      <ul>
        ${this.variables.map((variable, at) => this.row(variable, at))}
      </ul>
      <button type="button" @click=${() => this.put([...this.variables, empty])}>${icon("plus")} Add variable</button>
    </div>`
  }

  private row(variable: TemplateVariable, at: number) {
    const error = this.issues.find(({ path }) => path.startsWith(`environment.${at}.`))?.message ?? null
    return html`<li>
      ${this.input(variable, at, "name", "Name", error)} ${this.input(variable, at, "value", "Value")}
      ${this.input(variable, at, "description", "What it is for")}
      <button
        type="button"
        class="quiet icon-only"
        aria-label="Remove variable ${variable.name || at + 1}"
        @click=${() => this.put(this.variables.filter((_, index) => index !== at))}
      >
        ${icon("close")}
      </button>
      ${error === null ? nothing : html`<p class="wrong" id="error-${at}">${error}</p>`}
    </li>`
  }

  private input(
    variable: TemplateVariable,
    at: number,
    key: keyof TemplateVariable,
    word: string,
    error: string | null = null,
  ) {
    return html`<input
      class=${key === "description" ? "" : "mono"}
      aria-label="${word} of variable ${at + 1}"
      placeholder=${word}
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      aria-invalid=${error === null ? "false" : "true"}
      aria-describedby=${error === null ? nothing : `error-${at}`}
      .value=${variable[key]}
      @input=${(event: Event) => {
        const value = (event.target as HTMLInputElement).value
        this.put(this.variables.map((one, index) => (index === at ? { ...one, [key]: value } : one)))
      }}
    />`
  }

  private put(detail: readonly TemplateVariable[]): void {
    this.dispatchEvent(new CustomEvent("variables", { detail }))
  }
}
