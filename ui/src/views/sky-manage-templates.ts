import { consume } from "@lit/context"
import type { Session } from "@skypanel/contract/Session"
import type { TemplateHistory } from "@skypanel/contract/Template"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { sessionContext } from "../app/context.ts"
import { Resource } from "../app/Resource.ts"
import { readManagedTemplates } from "../data/templates.ts"
import { mayManageTemplates } from "../domain/can.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-template-form.ts"
import "../elements/sky-template-versions.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** How often a trial build is looked at while there is one. */
const lookMs = 1000

/** An organization's own templates, for its administrators; and everyone's, for those of the platform. */
@customElement("sky-manage-templates")
export class SkyManageTemplates extends LitElement {
  @property() organization = ""
  @consume({ context: sessionContext, subscribe: true }) @state() private session!: Session
  /** What is written now: the next version of a template, or a new one. */
  @state() private writing: { readonly of: TemplateHistory | null } | null = null
  private looking: ReturnType<typeof setTimeout> | undefined

  private readonly templates = new Resource(this, {
    key: () => [this.organization] as const,
    read: ([organization], signal) => readManagedTemplates(organization, signal),
  })

  static override styles = [base, controls]

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.looking)
  }

  override updated(): void {
    clearTimeout(this.looking)
    const isTried = this.templates.value?.some(({ versions }) =>
      versions.some(({ state }) => state === "validating"),
    )
    if (isTried) this.looking = setTimeout(() => this.templates.reload(), lookMs)
  }

  override render() {
    const templates = this.templates.value
    const may = mayManageTemplates(this.session, this.organization)
    return html`<div class="stack">
      <div class="row wrap">
        <div>
          <h1>Manage templates</h1>
          <p class="muted">A version is validated, which evaluates and builds it, before it can be published.</p>
        </div>
        ${
          may && this.writing === null
            ? html`<button class="primary" @click=${() => this.write(null)}>${icon("plus")} New template</button>`
            : nothing
        }
      </div>
      ${
        this.writing === null
          ? nothing
          : html`<sky-template-form
              .of=${this.writing.of}
              .organization=${this.organization}
              ?administrator=${this.session.user.administrator}
              @left=${() => this.close()}
              @added=${() => this.close()}
            ></sky-template-form>`
      }
      <sky-problem .problem=${this.templates.problem} retryable @retry=${() => this.templates.reload()}></sky-problem>
      ${templates ? this.list(templates, may) : this.templates.problem ? nothing : html`<sky-skeleton .rows=${2} .height=${160}></sky-skeleton>`}
    </div>`
  }

  private list(templates: readonly TemplateHistory[], may: boolean) {
    if (!may)
      return html`<sky-empty heading="Not yours to change">
        <p>The organization's templates are for its owners and administrators.</p>
      </sky-empty>`
    if (templates.length === 0 && this.writing === null)
      return html`<sky-empty heading="No templates of your own">
        <p>Write one, and everybody in the organization can start from it.</p>
        <button class="primary" @click=${() => this.write(null)}>New template</button>
      </sky-empty>`
    return repeat(
      templates,
      ({ name }) => name,
      (history) => html`<sky-template-versions
        .history=${history}
        .organization=${this.organization}
        @changed=${() => this.templates.reload()}
        @next=${() => this.write(history)}
      ></sky-template-versions>`,
    )
  }

  private write(of: TemplateHistory | null): void {
    this.writing = { of }
  }

  private close(): void {
    this.writing = null
    this.templates.reload()
  }
}
