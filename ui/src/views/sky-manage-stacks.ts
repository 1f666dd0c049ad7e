import { consume } from "@lit/context"
import type { Session } from "@skypanel/contract/Session"
import type { StackHistory } from "@skypanel/contract/StackTemplate"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { sessionContext } from "../app/context.ts"
import { Resource } from "../app/Resource.ts"
import { readManagedStacks } from "../data/stackTemplates.ts"
import { mayManageTemplates } from "../domain/can.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-stack-form.ts"
import "../elements/sky-stack-versions.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** How often a trial build is looked at while there is one. */
const lookMs = 1000

/** An organization's own stacks of the library, for its administrators; and everyone's, for those of the platform. */
@customElement("sky-manage-stacks")
export class SkyManageStacks extends LitElement {
  @property() organization = ""
  @consume({ context: sessionContext, subscribe: true }) @state() private session!: Session
  /** What is written now: the next version of a stack, or a new one. */
  @state() private writing: { readonly of: StackHistory | null } | null = null
  private looking: ReturnType<typeof setTimeout> | undefined

  private readonly stacks = new Resource(this, {
    key: () => [this.organization] as const,
    read: ([organization], signal) => readManagedStacks(organization, signal),
  })

  static override styles = [base, controls]

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.looking)
  }

  override updated(): void {
    clearTimeout(this.looking)
    const isTried = this.stacks.value?.some(({ versions }) =>
      versions.some(({ state }) => state === "validating"),
    )
    if (isTried) this.looking = setTimeout(() => this.stacks.reload(), lookMs)
  }

  override render() {
    const stacks = this.stacks.value
    const may = mayManageTemplates(this.session, this.organization)
    return html`<div class="stack">
      <div class="row wrap">
        <div>
          <h1>Manage the library</h1>
          <p class="muted">A version is validated, which builds each of its services, before it can be published.</p>
        </div>
        ${
          may && this.writing === null
            ? html`<button class="primary" @click=${() => this.write(null)}>${icon("plus")} New stack of the library</button>`
            : nothing
        }
      </div>
      ${
        this.writing === null
          ? nothing
          : html`<sky-stack-form
              .of=${this.writing.of}
              .organization=${this.organization}
              ?administrator=${this.session.user.administrator}
              @left=${() => this.close()}
              @added=${() => this.close()}
            ></sky-stack-form>`
      }
      <sky-problem .problem=${this.stacks.problem} retryable @retry=${() => this.stacks.reload()}></sky-problem>
      ${stacks ? this.list(stacks, may) : this.stacks.problem ? nothing : html`<sky-skeleton .rows=${2} .height=${160}></sky-skeleton>`}
    </div>`
  }

  private list(stacks: readonly StackHistory[], may: boolean) {
    if (!may)
      return html`<sky-empty heading="Not yours to change">
        <p>The organization's stacks of the library are for its owners and administrators.</p>
      </sky-empty>`
    if (stacks.length === 0 && this.writing === null)
      return html`<sky-empty heading="No stacks of your own in the library">
        <p>Write one, and everybody in the organization can make it with one click.</p>
        <button class="primary" @click=${() => this.write(null)}>New stack of the library</button>
      </sky-empty>`
    return repeat(
      stacks,
      ({ name }) => name,
      (history) => html`<sky-stack-versions
        .history=${history}
        .organization=${this.organization}
        @changed=${() => this.stacks.reload()}
        @next=${() => this.write(history)}
      ></sky-stack-versions>`,
    )
  }

  private write(of: StackHistory | null): void {
    this.writing = { of }
  }

  private close(): void {
    this.writing = null
    this.stacks.reload()
  }
}
