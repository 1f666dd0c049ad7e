import type { Service } from "@skypanel/contract/Service"
import type { OptionValue } from "@skypanel/contract/TemplateOptions"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { readTemplateOfService, updateToVersion } from "../data/templates.ts"
import { can } from "../domain/can.ts"
import { optionIssues, optionValuesOf } from "../domain/optionForm.ts"
import type { FieldIssue } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import { focusFirstWrong } from "./field.ts"
import { icon } from "./icons.ts"
import "./sky-option-fields.ts"
import "./sky-problem.ts"
import "./sky-template-difference.ts"

/** Says that the template a service is made from has a newer version, what it changes, and updates to it. */
@customElement("sky-template-update")
export class SkyTemplateUpdate extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @state() private options: Readonly<Record<string, OptionValue>> = {}
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false

  private readonly stands = new Resource(this, {
    key: () => {
      const { source, name } = this.service
      return source._tag === "template" && source.version !== undefined
        ? ([this.organization, name, source.version] as const)
        : null
    },
    read: ([organization, name], signal) => readTemplateOfService(organization, name, signal),
  })

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
      }
      summary {
        cursor: pointer;
      }
      details > * + * {
        margin-top: 12px;
      }
    `,
  ]

  /** Without a newer version it takes no room either. */
  override willUpdate(): void {
    this.hidden = (this.stands.value?.available ?? null) === null
  }

  override render() {
    const stands = this.stands.value
    if (!stands || stands.available === null) return nothing
    const whyNot = this.busy ? "It is being updated." : can.configure(this.service)
    return html`<section class="card" aria-labelledby="update">
      <form class="stack" novalidate @submit=${this.deploy}>
        <h2 id="update">Version ${stands.available} is available</h2>
        <p class="muted">
          It is made from version ${stands.version} of the template <strong>${stands.template}</strong>. What was chosen and
          changed stays; the release of now serves until the new one answers, and can be gone back to.
        </p>
        <details>
          <summary>Show the difference</summary>
          <sky-template-difference .difference=${stands.difference}></sky-template-difference>
        </details>
        ${
          stands.missing.length === 0
            ? nothing
            : html`<p>It needs to know:</p>
                <sky-option-fields
                  .options=${stands.missing}
                  .values=${this.options}
                  .issues=${this.issues}
                  @sky-options=${(event: CustomEvent<Readonly<Record<string, OptionValue>>>) => {
                    this.options = event.detail
                    this.issues = []
                  }}
                ></sky-option-fields>`
        }
        <sky-problem .problem=${this.problem}></sky-problem>
        <div>
          <button
            class="primary"
            type="submit"
            aria-disabled=${whyNot === null ? "false" : "true"}
            title=${whyNot ?? nothing}
          >
            ${icon("redeploy")} Update to version ${stands.available}
          </button>
        </div>
      </form>
    </section>`
  }

  private async deploy(event: Event): Promise<void> {
    event.preventDefault()
    const stands = this.stands.value
    if (!stands || stands.available === null || this.busy || can.configure(this.service) !== null) return
    this.problem = null
    this.issues = optionIssues(this.options, stands.missing, {})
    if (this.issues.length > 0) return this.mark()
    this.busy = true
    try {
      const options = optionValuesOf(this.options, stands.missing)
      const { deployment } = await updateToVersion(this.organization, this.service.name, {
        version: stands.available,
        options,
      })
      fire(this, "sky-go", {
        view: "deployment",
        organization: this.organization,
        service: this.service.name,
        number: deployment.number,
      })
    } catch (error) {
      this.problem = asProblem(error)
      this.issues = this.problem.issues
      this.mark()
    } finally {
      this.busy = false
    }
  }

  private mark(): void {
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }
}
