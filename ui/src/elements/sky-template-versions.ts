import type { TemplateHistory, TemplateVersion } from "@skypanel/contract/Template"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { compareVersions, orderVersion, removeTemplate } from "../data/templates.ts"
import { earlierVersion, shownVersion, type VersionOrder } from "../domain/versionOrders.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-problem.ts"
import "./sky-template-difference.ts"
import "./sky-trial.ts"
import "./sky-versions.ts"

/** One template with its versions, for whoever may change it. Says `changed`, and `next` for another version. */
@customElement("sky-template-versions")
export class SkyTemplateVersions extends LitElement {
  @property({ attribute: false }) history!: TemplateHistory
  @property() organization = ""
  @state() private problem: Problem | null = null
  @state() private busy = false
  @state() private compared: number | null = null
  /** Whose trial somebody looks at. */
  @state() private shown: number | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  private readonly difference = new Resource(this, {
    key: () => {
      const before = earlierVersion(this.history.versions, this.compared)
      return before === null || this.compared === null
        ? null
        : ([this.organization, this.history.name, before, this.compared] as const)
    },
    read: ([organization, template, before, after], signal) =>
      compareVersions({ organization, template }, before, after, signal),
  })

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
      }
      section.trial {
        padding: 0;
      }
    `,
  ]

  override render() {
    const { name, owner, removed, versions } = this.history
    const title = versions[0]?.definition.title ?? name
    const trial = shownVersion(versions, this.shown)
    return html`<section class="card stack" aria-label=${name}>
      <div class="row wrap">
        <h2>${title}</h2>
        <span class="mono muted">${name}</span>
        <span class="small muted">${owner === "everyone" ? "for everyone" : "for this organization"}${removed ? ", removed" : ""}</span>
      </div>
      <sky-versions
        .name=${name}
        .versions=${versions.map((version) => ({ ...version, tried: version.triedAt !== null }))}
        .shown=${trial?.number ?? null}
        ?busy=${this.busy}
        @log=${({ detail }: CustomEvent<number>) => {
          this.shown = this.shown === detail ? null : detail
        }}
        @compare=${({ detail }: CustomEvent<number>) => {
          this.compared = this.compared === detail ? null : detail
        }}
        @order=${({ detail }: CustomEvent<{ number: number; order: VersionOrder }>) =>
          this.order(detail.number, detail.order)}
      ></sky-versions>
      ${trial === null ? nothing : this.trial(trial)}
      <sky-problem .problem=${this.problem ?? this.difference.problem}></sky-problem>
      <sky-template-difference .difference=${this.difference.value ?? null}></sky-template-difference>
      <div class="row wrap">
        <button @click=${() => this.dispatchEvent(new Event("next"))}>New version</button>
        <button class="danger" @click=${() => this.confirm.show()}>Remove template</button>
      </div>
      <sky-confirm dangerous heading="Remove ${name}?" verb="Remove" .run=${() => this.drop()}>
        <p>It is offered no more. Services that are made from it go on; when nothing is made from it, it is deleted.</p>
      </sky-confirm>
    </section>`
  }

  private trial({ number, state, failure, triedAt }: TemplateVersion) {
    if (triedAt === null) return nothing
    return html`<section class="stack trial" aria-label="Trial of version ${number}">
      <h3>Trial of version ${number}</h3>
      <sky-trial
        .organization=${this.organization}
        .template=${this.history.name}
        .number=${number}
        .asked=${triedAt}
        .failure=${failure}
        ?running=${state === "validating"}
      >
        <button @click=${() => this.order(number, "validate")}>Validate again</button>
      </sky-trial>
    </section>`
  }

  private async order(number: number, order: VersionOrder): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.problem = null
    try {
      const of = { organization: this.organization, template: this.history.name }
      this.history = await orderVersion(of, number, order)
      this.dispatchEvent(new Event("changed"))
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }

  private async drop(): Promise<void> {
    await removeTemplate({ organization: this.organization, template: this.history.name })
    fire(this, "sky-notice", { tone: "good", text: `${this.history.name} is removed.` })
    this.dispatchEvent(new Event("changed"))
  }
}
