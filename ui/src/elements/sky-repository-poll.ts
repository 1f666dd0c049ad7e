import type { Poll, Repository } from "@skypanel/contract/Repository"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { asProblem, type Problem } from "../data/problem.ts"
import { changePoll, type OfService } from "../data/repository.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { repositoryStyle } from "../style/repository.ts"
import { fire } from "./events.ts"
import { describedBy, field } from "./field.ts"
import "./sky-problem.ts"
import "./sky-time.ts"

const choices: readonly (readonly [minutes: number, title: string])[] = [
  [1, "Every minute"],
  [5, "Every 5 minutes"],
  [15, "Every 15 minutes"],
  [60, "Every hour"],
  [360, "Every 6 hours"],
  [1440, "Every day"],
]

const help =
  "Asks your Git host for new commits of the branch, and deploys them. For where no webhook reaches us."

/** How often the repository is asked for new commits, and what it answered. */
@customElement("sky-repository-poll")
export class SkyRepositoryPoll extends LitElement {
  @property({ attribute: false }) repository!: Repository
  @property({ attribute: false }) of!: OfService
  @state() private problem: Problem | null = null

  static override styles = [base, controls, repositoryStyle]

  override render() {
    const { poll } = this.repository
    const minutes = poll?.minutes ?? null
    // One that was set elsewhere, such as by the command line.
    const own =
      minutes === null || choices.some(([each]) => each === minutes)
        ? []
        : [[minutes, `Every ${minutes} minutes`] as const]
    return html`<div class="stack">
      ${field(
        { id: "poll", label: "Poll for new commits", help, error: null },
        html`<select id="poll" aria-describedby=${describedBy({ id: "poll", help, error: null })} @change=${this.choose}>
          <option value="" ?selected=${minutes === null}>Never</option>
          ${[...choices, ...own].map(
            ([each, title]) => html`<option value=${each} ?selected=${each === minutes}>${title}</option>`,
          )}
        </select>`,
      )}
      ${poll === null ? nothing : this.answer(poll)}
      <sky-problem .problem=${this.problem}></sky-problem>
    </div>`
  }

  private answer({ answeredAt, problem, revision }: Poll) {
    if (answeredAt === null) return html`<p class="muted">Not answered yet.</p>`
    return html`<p class="muted">
      <sky-time .at=${answeredAt}></sky-time>:
      ${problem === null ? html`at <code>${revision?.slice(0, 10) ?? "nothing"}</code>` : html`<strong>${problem}</strong>`}
    </p>`
  }

  private async choose(event: Event): Promise<void> {
    const { value } = event.target as HTMLSelectElement
    this.problem = null
    try {
      const minutes = value === "" ? null : Number(value)
      this.dispatchEvent(new CustomEvent("repository", { detail: await changePoll(this.of, { minutes }) }))
      fire(this, "sky-notice", { tone: "good", text: "Saved." })
    } catch (error) {
      this.problem = asProblem(error)
      this.requestUpdate()
    }
  }
}
