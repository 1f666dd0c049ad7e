import type { TemplateHistory } from "@skypanel/contract/Template"
import { css, html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { asProblem, type Problem } from "../data/problem.ts"
import { addTemplate } from "../data/templates.ts"
import { sampleTemplate } from "../domain/sampleTemplate.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import {
  formIssues,
  formOfTemplate,
  type OptionForm,
  readTemplateForm,
  type TemplateForm,
  type TemplateVariable,
} from "../domain/templateForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { choice } from "./choice.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "./field.ts"
import "./sky-icon-field.ts"
import "./sky-nix-editor.ts"
import "./sky-problem.ts"
import "./sky-resources-fields.ts"
import "./sky-template-options.ts"
import "./sky-template-variables.ts"

/** What elements of a service's form are used for here. */
const shared = ["cpu", "memory", "storage", "expression"] as const

/** Writes a template, or the next version of one that is there. Says `added` with it, or `left`. */
@customElement("sky-template-form")
export class SkyTemplateForm extends LitElement {
  /** Whose next version it is; null: a new template. */
  @property({ attribute: false }) of: TemplateHistory | null = null
  @property() organization = ""
  @property({ type: Boolean }) administrator = false
  @state() private form: TemplateForm = formOfTemplate("hello", false, sampleTemplate)
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false

  static override styles = [
    base,
    controls,
    choices,
    css`
      form {
        padding: 16px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(220px, 100%), 1fr));
        gap: 16px;
      }
      h3 {
        margin-bottom: 8px;
      }
    `,
  ]

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener("sky-form", (event) => {
      event.stopPropagation()
      const typed = shared.flatMap((key) => {
        const value = event.detail[key]
        return value === undefined ? [] : [[key, value]]
      })
      this.put(Object.fromEntries(typed))
    })
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const definition = this.of?.versions[0]?.definition
    if (changed.has("of") && definition !== undefined)
      this.form = formOfTemplate(this.of!.name, this.of!.owner === "everyone", definition)
  }

  override render() {
    const { form, issues } = this
    return html`<form class="card stack" novalidate aria-label="Template" @submit=${this.add}>
      <h2>${this.of === null ? "New template" : `Next version of ${this.of.name}`}</h2>
      <div class="fields">
        ${this.of === null ? this.text("name", "Name", "As it is named in commands", true) : nothing}
        ${this.text("title", "Title")} ${this.text("description", "Description")}
        ${this.text("category", "Category", "One word, such as web", true)}
        <sky-icon-field
          .icon=${form.icon}
          .error=${errorAt(issues, "icon")}
          @icon=${({ detail }: CustomEvent<string>) => this.put({ icon: detail })}
        ></sky-icon-field>
      </div>
      <div>
        <p class="label">Nix expression</p>
        <sky-nix-editor .value=${form.expression} ?invalid=${errorAt(issues, "expression") !== null}></sky-nix-editor>
        ${errorAt(issues, "expression") === null ? nothing : html`<p class="wrong">${errorAt(issues, "expression")}</p>`}
        <p class="help">A function of <code>{ pkgs, options, … }</code> that gives a derivation.</p>
      </div>
      <section aria-labelledby="options">
        <h3 id="options">Options</h3>
        <sky-template-options
          .options=${form.options}
          .issues=${issues}
          @options=${({ detail }: CustomEvent<readonly OptionForm[]>) => this.put({ options: detail })}
        ></sky-template-options>
      </section>
      <section aria-labelledby="values">
        <h3 id="values">What a service of it begins with</h3>
        <div class="stack">
          <sky-resources-fields .form=${form} .issues=${issues}></sky-resources-fields>
          <div class="fields">
            ${this.text("port", "Port", "Also in $PORT. Empty: it runs without a port", true)}
            ${this.text("healthPath", "Health path", "Empty: a connection to the port is enough", true)}
          </div>
          <sky-template-variables
            .variables=${form.variables}
            .issues=${issues}
            @variables=${({ detail }: CustomEvent<readonly TemplateVariable[]>) => this.put({ variables: detail })}
          ></sky-template-variables>
        </div>
      </section>
      ${
        this.administrator && this.of === null
          ? choice({
              id: "everyone",
              title: "For everyone",
              help: "All organizations see it once it is published.",
              checked: form.everyone,
              choose: (everyone) => this.put({ everyone }),
            })
          : nothing
      }
      <sky-problem .problem=${this.problem}></sky-problem>
      <div class="row wrap">
        <button class="primary" type="submit" aria-disabled=${this.busy ? "true" : "false"}>Save as a draft</button>
        <button type="button" @click=${() => this.dispatchEvent(new Event("left"))}>Cancel</button>
      </div>
    </form>`
  }

  private text(
    key: "name" | "title" | "description" | "category" | "port" | "healthPath",
    label: string,
    help = "",
    mono = false,
  ) {
    const error = errorAt(this.issues, key)
    return field(
      { id: key, label, help, error },
      html`<input
        id=${key}
        class=${mono ? "mono" : ""}
        autocomplete="off"
        autocapitalize="off"
        spellcheck=${mono ? "false" : "true"}
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: key, help, error })}
        .value=${this.form[key]}
        @input=${(event: Event) => this.put({ [key]: (event.target as HTMLInputElement).value })}
      />`,
    )
  }

  private put(part: Partial<TemplateForm>): void {
    this.form = { ...this.form, ...part }
    this.issues = []
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    this.problem = null
    const read = readTemplateForm(this.form)
    if (read.issues !== null) return this.mark(read.issues)
    this.busy = true
    try {
      const detail = await addTemplate(this.organization, read.request)
      this.dispatchEvent(new CustomEvent("added", { detail }))
    } catch (error) {
      const problem = asProblem(error)
      if (problem.kind === "NameTaken") this.mark([{ path: "name", message: problem.message }])
      else {
        this.problem = problem
        this.mark(formIssues(problem.issues))
      }
    } finally {
      this.busy = false
    }
  }

  /** Each where it belongs; the first is gone to. */
  private mark(issues: readonly FieldIssue[]): void {
    this.issues = issues
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }
}
