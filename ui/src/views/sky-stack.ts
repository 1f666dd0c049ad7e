import type { Stack } from "@skypanel/contract/Stack"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { asProblem } from "../data/problem.ts"
import { readStack, updateStack } from "../data/stacks.ts"
import { stackLook } from "../domain/looks.ts"
import { actionButton } from "../elements/action.ts"
import { fire } from "../elements/events.ts"
import "../elements/sky-price.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-stack-delete.ts"
import "../elements/sky-stack-graph.ts"
import "../elements/sky-stack-revisions.ts"
import "../elements/sky-stack-secrets.ts"
import "../elements/sky-stack-update.ts"
import "../elements/sky-state.ts"
import { actions } from "../style/actions.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** One stack on one page: its services as a picture, its secrets, and what it was. */
@customElement("sky-stack")
export class SkyStack extends LitElement {
  @property() organization = ""
  @property() name = ""
  @state() private busy = false

  private readonly stack = new Resource(this, {
    key: () => [this.organization, this.name] as const,
    read: (key, signal) => readStack(...key, signal),
    on: () => true,
  })

  static override styles = [
    base,
    controls,
    actions,
    css`
      .picture {
        padding: 16px;
        min-width: 0;
        overflow-x: auto;
      }
      .failure {
        padding: 12px 16px;
        border-color: color-mix(in srgb, var(--sky-bad) 35%, transparent);
        background: var(--sky-bad-quiet);
      }
    `,
  ]

  override render() {
    const stack = this.stack.value
    return html`<div class="stack">
      ${stack ? this.header(stack) : html`<h1>${this.name}</h1>`}
      <sky-problem .problem=${this.stack.problem} retryable @retry=${() => this.stack.reload()}></sky-problem>
      ${stack ? this.content(stack) : this.stack.problem ? nothing : html`<sky-skeleton .rows=${3} .height=${120}></sky-skeleton>`}
    </div>`
  }

  private header(stack: Stack) {
    return html`<header class="stack">
      <div class="row wrap spread">
        <span class="row wrap"
          ><h1>${stack.name}</h1>
          <span role="status" aria-label="State"><sky-state .look=${stackLook[stack.state]}></sky-state></span
        ></span>
        <span class="row wrap">
          ${actionButton({
            title: "Update",
            icon: "redeploy",
            whyNot: this.whyNoUpdate(stack),
            run: () => void this.tryAgain(),
          })}
          <sky-stack-delete .organization=${this.organization} .stack=${stack}></sky-stack-delete>
        </span>
      </div>
      <p class="muted">
        From <span class="mono">${stack.template}</span> · <sky-price .hourly=${stack.hourlyPrice}></sky-price>
      </p>
    </header>`
  }

  private whyNoUpdate({ state: now }: Stack): string | null {
    if (this.busy) return "It is being asked for."
    if (now === "deploying") return "A revision is under way."
    return now === "deleting" ? "The stack is being deleted." : null
  }

  private content(stack: Stack) {
    const [newest, before] = stack.revisions
    const failure = newest?.failure ?? (newest?.kind === "return" ? (before?.failure ?? null) : null)
    return html`${
      failure === null
        ? nothing
        : html`<section class="card failure" role="alert">
              <p><strong>${failure.key}: ${failure.title}</strong></p>
              <p>${failure.next} What served before serves on.</p>
            </section>`
    }
      <sky-stack-update
        .organization=${this.organization}
        .stack=${stack}
        @updated=${({ detail }: CustomEvent<Stack>) => this.stack.put(detail)}
      ></sky-stack-update>
      <section class="card picture" aria-label="Services">
        <sky-stack-graph .organization=${this.organization} .services=${stack.services}></sky-stack-graph>
      </section>
      <sky-stack-secrets .organization=${this.organization} .stack=${stack}></sky-stack-secrets>
      <sky-stack-revisions .organization=${this.organization} .stack=${stack}></sky-stack-revisions>`
  }

  /** What failed is tried again; of a stack that comes with SkyPanel a newer version is taken. */
  private async tryAgain(): Promise<void> {
    this.busy = true
    try {
      this.stack.put(await updateStack(this.organization, this.name, {}))
      fire(this, "sky-notice", { tone: "good", text: `${this.name} is being updated.` })
    } catch (error) {
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    } finally {
      this.busy = false
    }
  }
}
