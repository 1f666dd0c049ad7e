import type { TemplateHistory } from "@skypanel/contract/Template"
import { readTemplateFile, writeTemplateFile } from "@skypanel/contract/TemplateFile"
import { css, html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { asProblem, Problem } from "../data/problem.ts"
import { addTemplate } from "../data/templates.ts"
import { sampleTemplate } from "../domain/sampleTemplate.ts"
import type { ServiceForm } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { field } from "./field.ts"
import "./sky-nix-editor.ts"
import "./sky-problem.ts"

/** Writes a template, or the next version of one that is there. Says `added` with it, or `left`. */
@customElement("sky-template-form")
export class SkyTemplateForm extends LitElement {
  /** Whose next version it is; null: a new template. */
  @property({ attribute: false }) of: TemplateHistory | null = null
  @property() organization = ""
  @property({ type: Boolean }) administrator = false
  @state() private file = ""
  @state() private expression = ""
  @state() private icon = ""
  @state() private everyone = false
  @state() private problem: Problem | null = null
  @state() private busy = false

  static override styles = [
    base,
    controls,
    css`
      form {
        padding: 16px;
      }
      textarea {
        font-family: var(--sky-mono);
        font-size: 13px;
        min-height: 320px;
        width: 100%;
      }
    `,
  ]

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener("sky-form", (event) => {
      const { expression } = event.detail as Partial<ServiceForm>
      if (expression === undefined) return
      event.stopPropagation()
      this.expression = expression
    })
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("of")) return
    const definition = this.of?.versions[0]?.definition
    this.file = definition === undefined ? sampleTemplate.file : writeTemplateFile(this.of!.name, definition)
    this.expression = definition?.expression ?? sampleTemplate.expression
    this.icon = definition?.icon ?? ""
    this.everyone = this.of?.owner === "everyone"
  }

  override render() {
    const help = html`Title, values and options, as <code>template.json</code> has them.`
    return html`<form class="card stack" novalidate aria-label="Template" @submit=${this.add}>
      <h2>${this.of === null ? "New template" : `Next version of ${this.of.name}`}</h2>
      ${field(
        { id: "file", label: "Description and options", help, error: null },
        html`<textarea
          id="file"
          spellcheck="false"
          aria-describedby="file-help"
          .value=${this.file}
          @input=${(event: Event) => {
            this.file = (event.target as HTMLTextAreaElement).value
          }}
        ></textarea>`,
      )}
      <div>
        <p class="label">Nix expression</p>
        <sky-nix-editor .value=${this.expression}></sky-nix-editor>
        <p class="help">A function of <code>{ pkgs, options, … }</code> that gives a derivation.</p>
      </div>
      ${
        this.administrator && this.of === null
          ? choice({
              id: "everyone",
              title: "For everyone",
              help: "All organizations see it once it is published.",
              checked: this.everyone,
              choose: (checked) => {
                this.everyone = checked
              },
            })
          : nothing
      }
      <sky-problem .problem=${this.problem}></sky-problem>
      ${
        this.problem === null || this.problem.issues.length === 0
          ? nothing
          : html`<ul class="wrong">
              ${this.problem.issues.map(({ path, message }) => html`<li><code>${path}</code>: ${message}</li>`)}
            </ul>`
      }
      <div class="row wrap">
        <button class="primary" type="submit" aria-disabled=${this.busy ? "true" : "false"}>Save as a draft</button>
        <button type="button" @click=${() => this.dispatchEvent(new Event("left"))}>Cancel</button>
      </div>
    </form>`
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    const found = readTemplateFile(this.file)
    if (found.issues !== null) {
      this.problem = new Problem(
        "InvalidInput",
        "The description cannot be read.",
        "Correct what is named.",
        found.issues,
      )
      return
    }
    this.busy = true
    this.problem = null
    try {
      const { name, definition } = found
      const { everyone, expression, icon, organization } = this
      const detail = await addTemplate(organization, {
        name,
        everyone,
        definition: { ...definition, expression, icon },
      })
      this.dispatchEvent(new CustomEvent("added", { detail }))
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }
}
