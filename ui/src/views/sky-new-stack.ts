import type { StackTemplate } from "@skypanel/contract/Stack"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { issuesInName } from "../data/services.ts"
import { createStack } from "../data/stacks.ts"
import { readStackTemplates } from "../data/stackTemplates.ts"
import { iconUrl } from "../data/templates.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { emptyStack, formOfPart, type PartForm, readStackForm, type StackForm } from "../domain/stackForm.ts"
import { fire } from "../elements/events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "../elements/field.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-stack-part.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { newServiceStyle } from "./newServiceStyle.ts"

/** A stack of the library, a name, and what of its services shall be otherwise. */
@customElement("sky-new-stack")
export class SkyNewStack extends LitElement {
  @property() organization = ""
  @state() private form: StackForm = emptyStack
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false

  private readonly templates = new Resource(this, {
    key: () => [this.organization] as const,
    read: ([organization], signal) => readStackTemplates(organization, signal),
  })

  static override styles = [base, controls, newServiceStyle]

  private get template(): StackTemplate | null {
    return this.templates.value?.find(({ name }) => name === this.form.template) ?? null
  }

  override render() {
    const templates = this.templates.value
    return html`<form class="page" novalidate @submit=${this.create}>
      <h1>New stack</h1>
      <sky-problem .problem=${this.templates.problem} retryable @retry=${() => this.templates.reload()}></sky-problem>
      ${
        templates
          ? html`<fieldset class="doors large">
              <legend class="label">What shall it be made of?</legend>
              ${templates.map((one) => this.card(one))}
            </fieldset>`
          : this.templates.problem
            ? nothing
            : html`<sky-skeleton .rows=${2} .height=${72}></sky-skeleton>`
      }
      ${this.template === null ? nothing : this.rest(this.template)}
    </form>`
  }

  private card(template: StackTemplate) {
    return html`<label class="card door">
      <input
        type="radio"
        name="template"
        value=${template.name}
        aria-label=${template.title}
        .checked=${this.form.template === template.name}
        @change=${() => this.put({ template: template.name, parts: {} })}
      />
      <img src=${iconUrl(template)} alt="" width="32" height="32" />
      <span><strong>${template.title}</strong><span class="small muted">${template.description}${template.owner === "organization" ? " Your organization's." : nothing}</span></span>
    </label>`
  }

  private rest(template: StackTemplate) {
    const error = errorAt(this.issues, "name")
    const help = html`Its services are called ${template.services.map(({ key }) => `${this.form.name.trim() || "name"}-${key}`).join(", ")}.`
    return html`<div class="stack">
      <div class="card part">
        ${field(
          { id: "name", label: "Name", help, error },
          html`<input
            id="name"
            class="mono"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            maxlength="20"
            aria-invalid=${error === null ? "false" : "true"}
            aria-describedby=${describedBy({ id: "name", help, error })}
            .value=${this.form.name}
            @input=${(event: Event) => this.put({ name: (event.target as HTMLInputElement).value })}
          />`,
        )}
      </div>
      ${template.services.map(
        (part) =>
          html`<sky-stack-part
            .service=${part}
            .services=${template.services}
            .form=${this.form.parts[part.key] ?? formOfPart(part)}
            .issues=${this.issues}
            @part=${({ detail }: CustomEvent<PartForm>) =>
              this.put({ parts: { ...this.form.parts, [part.key]: detail } })}
          ></sky-stack-part>`,
      )}
      <sky-problem .problem=${this.problem}></sky-problem>
      <div>
        <button class="primary" type="submit" aria-disabled=${this.busy ? "true" : "false"}>
          ${icon("redeploy")} ${this.busy ? "Creating…" : "Create and deploy"}
        </button>
      </div>
    </div>`
  }

  private put(part: Partial<StackForm>): void {
    this.form = { ...this.form, ...part }
    this.issues = []
  }

  private async create(event: Event): Promise<void> {
    event.preventDefault()
    const { template } = this
    if (this.busy || template === null) return
    this.problem = null
    const read = readStackForm(this.form, template)
    if (read.issues !== null) return this.mark([...issuesInName(this.form.name.trim()), ...read.issues])
    this.busy = true
    try {
      const stack = await createStack(this.organization, read.request)
      fire(this, "sky-go", { view: "stack", organization: this.organization, stack: stack.name })
    } catch (error) {
      const problem = asProblem(error)
      if (problem.kind === "NameTaken") this.mark([{ path: "name", message: problem.message }])
      else {
        this.problem = problem
        // The contract says `services.web.source.url`, the form `web.git`.
        this.mark(
          problem.issues.map(({ path, message }) => ({
            path: path.replace(/^services\.([^.]+)\.source\..*$/, "$1.git").replace(/^services\./, ""),
            message,
          })),
        )
      }
    } finally {
      this.busy = false
    }
  }

  private mark(issues: readonly FieldIssue[]): void {
    this.issues = issues
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }
}
