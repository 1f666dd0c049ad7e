import type { ArtifactPolicy } from "@skypanel/contract/Artifacts"
import { html, LitElement } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { setArtifactPolicy } from "../data/artifacts.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { formOfKeep, type KeepForm, readKeep } from "../domain/artifacts.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { artifactsStyle } from "../views/artifactsStyle.ts"
import { fire } from "./events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "./field.ts"
import "./sky-problem.ts"

const fields: readonly { readonly path: keyof KeepForm; readonly label: string; readonly help: string }[] = [
  { path: "totalBytes", label: "Budget of the whole store", help: "Such as 200 GiB; empty: none" },
  {
    path: "organizationBytes",
    label: "Budget of an organization",
    help: "Of what only it needs; empty: none",
  },
  {
    path: "keepReleases",
    label: "Releases kept",
    help: "The newest of each service, whatever the budget says",
  },
  { path: "graceHours", label: "Grace time in hours", help: "What was wanted within it stays" },
  { path: "everyHours", label: "Hours between collections", help: "They start by themselves" },
]

/** How much there may be, and what is kept. Says `ordered` when it was saved. */
@customElement("sky-artifact-keep")
export class SkyArtifactKeep extends LitElement {
  @property({ attribute: false }) policy!: ArtifactPolicy
  /** Null until somebody types: then the fields follow what holds. */
  @state() private typed: KeepForm | null = null
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false

  static override styles = [base, controls, artifactsStyle]

  override render() {
    const form = this.typed ?? formOfKeep(this.policy)
    const changed = this.typed !== null
    return html`<form class="keep" novalidate @submit=${this.save}>
      ${fields.map(({ path, label, help }) => {
        const error = errorAt(this.issues, path)
        return field(
          { id: path, label, help, error },
          html`<input
            id=${path}
            autocomplete="off"
            .value=${form[path]}
            aria-invalid=${error === null ? "false" : "true"}
            aria-describedby=${describedBy({ id: path, help, error })}
            @input=${(event: Event) => {
              this.typed = { ...form, [path]: (event.target as HTMLInputElement).value }
            }}
          />`,
        )
      })}
      <div class="end row wrap">
        <button class="primary" type="submit" aria-disabled=${changed && !this.busy ? "false" : "true"}>
          ${this.busy ? "Saving…" : "Save"}
        </button>
        <span class="muted" role="status">${changed ? "Not saved yet." : "This is what holds."}</span>
      </div>
      <div class="end"><sky-problem .problem=${this.problem}></sky-problem></div>
    </form>`
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy || this.typed === null) return
    const { request, issues } = readKeep(this.typed)
    if (issues.length > 0) return this.mark(issues)
    this.busy = true
    this.problem = null
    try {
      this.policy = (await setArtifactPolicy(request)).policy
      this.typed = null
      this.issues = []
      fire(this, "sky-notice", { tone: "good", text: "What is kept is saved." })
      this.dispatchEvent(new Event("ordered"))
    } catch (error) {
      this.problem = asProblem(error)
      this.mark(this.problem.issues)
    } finally {
      this.busy = false
    }
  }

  private mark(issues: readonly FieldIssue[]): void {
    this.issues = issues
    void this.updateComplete.then(() => focusFirstWrong(this.renderRoot))
  }
}
