import type { Template } from "@skypanel/contract/Template"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { iconUrl, readTemplate, readTemplates } from "../data/templates.ts"
import { chooseTemplate, type FieldIssue, type ServiceForm } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { errorAt } from "./field.ts"
import { fireForm } from "./formEvents.ts"
import "./sky-commands.ts"
import "./sky-expression-field.ts"
import "./sky-git-fields.ts"
import "./sky-image-field.ts"
import "./sky-option-fields.ts"
import "./sky-override-fields.ts"
import "./sky-problem.ts"
import "./sky-skeleton.ts"
import { sourceFields } from "../style/sourceFields.ts"

/** The source behind the chosen door: which template, which repository, or the expression itself. */
@customElement("sky-source-fields")
export class SkySourceFields extends LitElement {
  @property({ attribute: false }) form!: ServiceForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  /** For a service that is there already: its name and configuration stay as they are. */
  @property({ type: Boolean }) existing = false
  @property() organization = ""
  private adopted: string | null = null

  private readonly templates = new Resource(this, {
    key: () => (this.form.door === "template" ? (["templates", this.organization] as const) : null),
    read: ([, organization], signal) => readTemplates(organization, signal),
  })

  /** Of a service that is made from a version, what that version asks. */
  private readonly pinned = new Resource(this, {
    key: () =>
      this.existing && this.form.door === "template" && this.form.templateVersion !== null
        ? ([this.organization, this.form.template, this.form.templateVersion] as const)
        : null,
    read: async ([organization, template, version], signal) => {
      const { versions } = await readTemplate(organization, template, signal)
      return versions.find(({ number }) => number === version)?.definition.options ?? []
    },
  })

  static override styles = [base, controls, sourceFields]

  /** A template that was chosen by its name alone (in the address) brings its values when the list is there. */
  override updated(): void {
    const { template, door } = this.form
    if (this.existing || door !== "template" || this.adopted === template) return
    const found = this.templates.value?.find(({ name }) => name === template)
    if (!found) return
    this.adopted = template
    if (this.form.name === "" && !this.form.named) fireForm(this, chooseTemplate(this.form, found))
  }

  override render() {
    switch (this.form.door) {
      case "template":
        return this.templatePicker()
      case "git":
        return html`<sky-git-fields
          .form=${this.form}
          .issues=${this.issues}
          .existing=${this.existing}
          .organization=${this.organization}
        ></sky-git-fields>
          ${this.overrides()}`
      case "image":
        return html`<sky-image-field .form=${this.form} .issues=${this.issues} .organization=${this.organization}></sky-image-field>`
      case "expression":
        return this.expression()
      case "folder":
        return this.existing
          ? html`<sky-commands .service=${this.form.name} .organization=${this.organization}></sky-commands>
              ${this.overrides()}`
          : nothing
      default:
        return nothing
    }
  }

  private templatePicker() {
    const templates = this.templates.value
    if (this.templates.problem)
      return html`<sky-problem
        .problem=${this.templates.problem}
        retryable
        @retry=${() => this.templates.reload()}
      ></sky-problem>`
    if (!templates) return html`<sky-skeleton .rows=${2} .height=${76}></sky-skeleton>`
    const error = errorAt(this.issues, "source.template")
    return html`<fieldset class="templates">
        <legend class="label">Template</legend>
        ${templates.map(
          (template) => html`<label class="card template">
            <input
              type="radio"
              name="template"
              value=${template.name}
              aria-label=${template.title}
              aria-invalid=${error === null ? "false" : "true"}
              .checked=${this.form.template === template.name}
              @change=${() => this.choose(template)}
            />
            <img src=${iconUrl(template)} alt="" />
            <span><strong>${template.title}</strong><span class="small muted">${template.description}</span></span>
          </label>`,
        )}
      </fieldset>
      ${error === null ? nothing : html`<p class="wrong">${error}</p>`} ${this.optionFields()}`
  }

  private optionFields() {
    const { templateVersion, options, variables } = this.form
    const asks = templateVersion === null ? this.form.templateOptions : (this.pinned.value ?? [])
    if (asks.length === 0) return nothing
    return html`<sky-option-fields
      .options=${asks}
      .values=${options}
      .issues=${this.issues}
      .present=${this.existing ? variables.map(({ name }) => name) : []}
      @sky-options=${(event: CustomEvent<ServiceForm["options"]>) =>
        fireForm(this, { options: event.detail, templateOptions: asks })}
    ></sky-option-fields>`
  }

  private choose(template: Template): void {
    this.adopted = template.name
    const other = {
      templateVersion: null,
      templateOwner: null,
      templateOptions: template.options,
      options: {},
    }
    fireForm(
      this,
      this.existing ? { template: template.name, ...other } : chooseTemplate(this.form, template),
    )
  }

  private overrides() {
    return html`<sky-override-fields .form=${this.form} .issues=${this.issues}></sky-override-fields>`
  }

  private expression() {
    return html`<sky-expression-field
      .organization=${this.organization}
      .expression=${this.form.expression}
      .error=${errorAt(this.issues, "source.expression")}
    ></sky-expression-field>`
  }
}
