import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { type FieldIssue, type ServiceForm, withSuggestedName } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { choices } from "../style/choices.ts"
import { controls } from "../style/controls.ts"
import { sourceFields } from "../style/sourceFields.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { fireForm } from "./formEvents.ts"
import { repositoryParts, repositoryPartsStyle } from "./repositoryParts.ts"
import "./sky-first-credential.ts"

const urlHelp =
  "https:// or ssh://. A repository without any Nix is recognised by its files, such as a package.json, requirements.txt, go.mod, Cargo.toml or Dockerfile."
const refHelp = "Empty: the default branch"

/** A Git repository as a source: where it is, and what is fetched of it. */
@customElement("sky-git-fields")
export class SkyGitFields extends LitElement {
  @property({ attribute: false }) form!: ServiceForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  /** For a service that is there already: what it gets at its repository with is in its settings. */
  @property({ type: Boolean }) existing = false
  @property() organization = ""

  static override styles = [base, controls, choices, sourceFields, repositoryPartsStyle]

  override render() {
    const { form } = this
    return html`<div class="two">
        ${this.input("url", "Repository URL", urlHelp, (url) => this.typeUrl(url))}
        ${this.input("ref", "Branch, tag or commit", refHelp, (ref) => fireForm(this, { ref }))}
      </div>
      ${repositoryParts(form, (change) => fireForm(this, change))}
      ${
        this.existing
          ? nothing
          : html`<sky-first-credential
              .organization=${this.organization}
              .url=${form.url}
              .issues=${this.issues}
            ></sky-first-credential>`
      }`
  }

  private input(id: "url" | "ref", label: string, help: string, type: (text: string) => void) {
    const error = errorAt(this.issues, `source.${id}`)
    return field(
      { id, label, help, error },
      html`<input
        id=${id}
        class="mono"
        inputmode=${id === "url" ? "url" : "text"}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        placeholder=${id === "url" ? "https://example.org/you/app.git" : ""}
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id, help, error })}
        .value=${this.form[id]}
        @input=${(event: Event) => type((event.target as HTMLInputElement).value)}
      />`,
    )
  }

  private typeUrl(url: string): void {
    const { name } = withSuggestedName({ ...this.form, url })
    fireForm(this, { url, name })
  }
}
