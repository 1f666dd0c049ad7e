import { formatSize } from "@skypanel/contract/Resources"
import type { StackPart } from "@skypanel/contract/Stack"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { FieldIssue, ServiceForm } from "../domain/serviceForm.ts"
import { isApplication, noteOnValue, type PartForm } from "../domain/stackForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { repositoryParts, repositoryPartsStyle } from "./repositoryParts.ts"
import "./sky-environment-fields.ts"

/** What is set of one service of a new stack. Says each change by the event `part`. */
@customElement("sky-stack-part")
export class SkyStackPart extends LitElement {
  @property({ attribute: false }) service!: StackPart
  /** All services of the stack: values refer to them. */
  @property({ attribute: false }) services: readonly StackPart[] = []
  @property({ attribute: false }) form!: PartForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []

  static override styles = [
    base,
    controls,
    choices,
    repositoryPartsStyle,
    css`
      section {
        display: grid;
        gap: 12px;
        padding: 16px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(200px, 100%), 1fr));
        gap: 12px;
      }
    `,
  ]

  private reached(): string {
    const { public: isPublic, port } = this.service
    if (port === null) return "Runs without a port: nobody asks it"
    return isPublic ? "Has an address of its own" : `Only your own services reach it, at port ${port}`
  }

  override render() {
    const { key, title, needs, volume, resources, environment } = this.service
    return html`<section class="card" aria-labelledby="heading">
      <div>
        <h2 id="heading">${title} <code>${key}</code></h2>
        <p class="small muted">
          ${this.reached()}${needs.length === 0 ? "" : `; starts once ${needs.join(" and ")} is healthy`}.
        </p>
      </div>
      <div class="fields">
        ${
          isApplication(this.service)
            ? html`${this.text("git", "Git repository", "https://… or ssh://…", "Empty: the template's own program.")}
              ${this.text("ref", "Branch, tag or commit", "the repository's own", null)}`
            : nothing
        }
        ${this.text("memory", "Memory", formatSize(resources.memoryBytes), null)}
        ${volume === null ? nothing : this.text("volume", "Volume", formatSize(volume.sizeBytes), `What it keeps, in ${volume.path}.`)}
      </div>
      ${
        isApplication(this.service) && this.form.git.trim() !== ""
          ? repositoryParts(this.form, (change) => this.put(change))
          : nothing
      }
      <div>
        <h3>Environment variables</h3>
        <sky-environment-fields
          .variables=${this.form.variables}
          .fixed=${Object.keys(environment)}
          .noteOn=${(value: string) => noteOnValue(value, this.services)}
          .issues=${this.ownIssues()}
          @sky-form=${(event: CustomEvent<Partial<ServiceForm>>) => {
            event.stopPropagation()
            this.put({ variables: event.detail.variables ?? [] })
          }}
        ></sky-environment-fields>
      </div>
    </section>`
  }

  /** Those of its variables, as their rows know them. */
  private ownIssues(): readonly FieldIssue[] {
    const own = `${this.service.key}.environment.`
    return this.issues
      .filter(({ path }) => path.startsWith(own))
      .map(({ path, message }) => ({ path: path.slice(this.service.key.length + 1), message }))
  }

  private put(part: Partial<PartForm>): void {
    this.dispatchEvent(new CustomEvent<PartForm>("part", { detail: { ...this.form, ...part } }))
  }

  private text(
    name: "git" | "ref" | "memory" | "volume",
    label: string,
    placeholder: string,
    help: string | null,
  ) {
    const error = errorAt(this.issues, `${this.service.key}.${name}`)
    return field(
      { id: name, label, help, error },
      html`<input
        id=${name}
        class="mono"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        placeholder=${placeholder}
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: name, help, error })}
        .value=${this.form[name]}
        @input=${(event: Event) => this.put({ [name]: (event.target as HTMLInputElement).value })}
      />`,
    )
  }
}
