import { consume } from "@lit/context"
import type { Service } from "@skypanel/contract/Service"
import type { Session } from "@skypanel/contract/Session"
import { css, html, LitElement, nothing, type PropertyValues } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { sessionContext } from "../app/context.ts"
import { type Draft, draft } from "../data/draft.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { updateService } from "../data/services.ts"
import { can } from "../domain/can.ts"
import { draftOf, type FieldIssue, formOfService, type ServiceForm } from "../domain/serviceForm.ts"
import { priceOf } from "../domain/servicePrice.ts"
import { readUpdate } from "../domain/serviceRequest.ts"
import { fire } from "../elements/events.ts"
import { focusFirstWrong } from "../elements/field.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-configuration-fields.ts"
import "../elements/sky-earlier-secrets.ts"
import "../elements/sky-expression-versions.ts"
import "../elements/sky-price.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-source-fields.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** Changes what a service is made from and runs with, and deploys the change. */
@customElement("sky-service-configuration")
export class SkyServiceConfiguration extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @consume({ context: sessionContext, subscribe: true }) @state() private session!: Session
  @state() private form: ServiceForm | null = null
  @state() private issues: readonly FieldIssue[] = []
  @state() private problem: Problem | null = null
  @state() private busy = false
  private draft: Draft<ServiceForm> = draft("")

  static override styles = [
    base,
    controls,
    css`
      .card.source {
        padding: 16px;
      }
      h2 {
        margin-bottom: 12px;
      }
      .foot {
        position: sticky;
        bottom: 0;
        padding: 12px 16px;
        z-index: 5;
        box-shadow: var(--sky-shadow-float);
        font-size: 13px;
      }
      .foot .words {
        flex: 1 1 240px;
      }
      @media (max-width: 760px) {
        .foot {
          bottom: 64px;
        }
      }
    `,
  ]

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener("sky-form", (event) => {
      if (this.form === null) return
      this.form = { ...this.form, ...event.detail }
      this.draft.write(draftOf(this.form))
      this.issues = []
    })
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("service") as Service | undefined
    if (changed.has("service") && before?.id !== this.service.id) {
      this.draft = draft(`configuration.${this.service.id}`)
      const kept = this.draft.read()
      this.form = kept && { ...formOfService(this.service), ...kept }
    }
    // Until somebody types, the fields follow what the service has.
    if (this.draft.read() === null) this.form = formOfService(this.service)
  }

  override render() {
    const { form } = this
    if (form === null) return nothing
    return html`<form class="stack" novalidate @submit=${this.save}>
      <section class="card source" aria-labelledby="source">
        <h2 id="source">Source</h2>
        <sky-source-fields existing .organization=${this.organization} .form=${form} .issues=${this.issues}></sky-source-fields>
        ${
          form.door === "expression"
            ? html`<sky-expression-versions
                .organization=${this.organization}
                .service=${this.service.name}
                .expression=${form.expression}
              ></sky-expression-versions>`
            : nothing
        }
      </section>
      <sky-configuration-fields .form=${form} .issues=${this.issues}></sky-configuration-fields>
      <sky-earlier-secrets .organization=${this.organization} .service=${this.service}></sky-earlier-secrets>
      <sky-problem .problem=${this.problem}></sky-problem>
      ${this.foot(form)}
    </form>`
  }

  private foot(form: ServiceForm) {
    const read = readUpdate(form, this.service)
    const builds = read.issues === null && read.request.source !== undefined
    const whyNot = this.busy ? "It is being saved." : can.configure(this.service)
    return html`<div class="card row wrap foot">
      <span class="words">
        <sky-price .hourly=${priceOf(this.session.platform.prices, form)}></sky-price>
        <span class="muted"> · ${builds ? "The new source is built and deployed." : "Nothing is built: a new release with the same image is deployed."}</span>
      </span>
      ${this.draft.read() === null ? nothing : html`<button type="button" @click=${this.discard}>Discard</button>`}
      <button class="primary" type="submit" aria-disabled=${whyNot === null ? "false" : "true"} title=${whyNot ?? nothing}>
        ${icon("redeploy")} Save and deploy
      </button>
    </div>`
  }

  private discard(): void {
    this.draft.drop()
    this.issues = []
    this.problem = null
    this.form = formOfService(this.service)
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy || this.form === null || can.configure(this.service) !== null) return
    this.problem = null
    const read = readUpdate(this.form, this.service)
    if (read.issues !== null) return this.mark(read.issues)
    this.busy = true
    try {
      const { deployment } = await updateService(this.organization, this.service.name, read.request)
      this.draft.drop()
      fire(this, "sky-go", {
        view: "deployment",
        organization: this.organization,
        service: this.service.name,
        number: deployment.number,
      })
    } catch (error) {
      this.problem = asProblem(error)
      this.mark(this.problem.issues)
    } finally {
      this.busy = false
    }
  }

  private mark(issues: readonly FieldIssue[]): void {
    this.issues = issues
    void this.updateComplete.then(() => requestAnimationFrame(() => focusFirstWrong(this.renderRoot)))
  }
}
