import type { Stack } from "@skypanel/contract/Stack"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { updateStack } from "../data/stacks.ts"
import { readStackStanding } from "../data/stackTemplates.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
import "./sky-problem.ts"
import "./sky-stack-difference.ts"

/** Says that what a stack is made from has a newer version, what it changes, and updates to it. Says `updated`. */
@customElement("sky-stack-update")
export class SkyStackUpdate extends LitElement {
  @property({ attribute: false }) stack!: Stack
  @property() organization = ""
  @state() private problem: Problem | null = null
  @state() private busy = false

  private readonly standing = new Resource(this, {
    key: () => {
      const { name, revisions, template } = this.stack
      return [this.organization, name, template, revisions[0]?.templateVersion] as const
    },
    read: ([organization, name], signal) => readStackStanding(organization, name, signal),
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

  override render() {
    const found = this.standing.value
    if (!found || found.available === null) return nothing
    const { available, version, template, difference } = found
    const whyNot = this.busy || this.stack.state === "deploying" ? "It is being updated." : null
    return html`<section class="card stack" aria-labelledby="newer">
      <h2 id="newer">Version ${available} is available</h2>
      <p class="muted">
        It is made from version ${version} of <strong>${template}</strong>. What was set stays; a service that the newer one
        does not have goes once it is live, and stays as one of its own where it has a volume.
      </p>
      <details>
        <summary>Show the difference</summary>
        <sky-stack-difference .difference=${difference}></sky-stack-difference>
      </details>
      <sky-problem .problem=${this.problem}></sky-problem>
      <div>
        <button
          class="primary"
          aria-disabled=${whyNot === null ? "false" : "true"}
          title=${whyNot ?? nothing}
          @click=${() => whyNot === null && this.take(available)}
        >
          ${icon("redeploy")} Update to version ${available}
        </button>
      </div>
    </section>`
  }

  private async take(version: number): Promise<void> {
    this.busy = true
    this.problem = null
    try {
      const detail = await updateStack(this.organization, this.stack.name, { version })
      this.dispatchEvent(new CustomEvent("updated", { detail }))
      fire(this, "sky-notice", { tone: "good", text: `${this.stack.name} is being updated.` })
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }
}
