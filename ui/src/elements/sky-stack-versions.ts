import type { StackHistory, StackTrial, StackVersion } from "@skypanel/contract/StackTemplate"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { compareStackVersions, orderStackVersion, removeStackTemplate } from "../data/stackTemplates.ts"
import { earlierVersion, shownVersion, type VersionOrder } from "../domain/versionOrders.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-problem.ts"
import "./sky-stack-difference.ts"
import "./sky-stack-graph.ts"
import "./sky-trial.ts"
import "./sky-versions.ts"

const progressOf = ({ state, trials }: StackVersion): string | null =>
  state === "validating"
    ? trials.flatMap(({ key, progress }) => (progress === null ? [] : [`${key}: ${progress}`])).join(", ")
    : null

/** One stack of the library with its versions, for whoever may change it. Says `changed`, and `next` for another version. */
@customElement("sky-stack-versions")
export class SkyStackVersions extends LitElement {
  @property({ attribute: false }) history!: StackHistory
  @property() organization = ""
  @state() private problem: Problem | null = null
  @state() private busy = false
  @state() private compared: number | null = null
  /** Whose trials somebody looks at. */
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
      compareStackVersions({ organization, template }, before, after, signal),
  })

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
      }
      section section {
        padding: 0;
        min-width: 0;
        overflow-x: auto;
      }
    `,
  ]

  override render() {
    const { name, owner, removed, versions } = this.history
    const [newest] = versions
    const tried = shownVersion(versions, this.shown)
    return html`<section class="card stack" aria-label=${name}>
      <div class="row wrap">
        <h2>${newest?.definition.title ?? name}</h2>
        <span class="mono muted">${name}</span>
        <span class="small muted">${owner === "everyone" ? "for everyone" : "for this organization"}${removed ? ", removed" : ""}</span>
      </div>
      <section aria-label="Picture of ${name}">
        <sky-stack-graph plain .services=${newest?.definition.services ?? []}></sky-stack-graph>
      </section>
      <sky-versions
        .name=${name}
        .versions=${versions.map((version) => ({
          ...version,
          progress: progressOf(version),
          tried: version.trials.length > 0,
        }))}
        .shown=${tried?.number ?? null}
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
      ${tried === null ? nothing : tried.trials.map((trial) => this.trial(tried.number, trial))}
      <sky-problem .problem=${this.problem ?? this.difference.problem}></sky-problem>
      <sky-stack-difference .difference=${this.difference.value ?? null}></sky-stack-difference>
      <div class="row wrap">
        <button @click=${() => this.dispatchEvent(new Event("next"))}>New version</button>
        <button class="danger" @click=${() => this.confirm.show()}>Remove from the library</button>
      </div>
      <sky-confirm dangerous heading="Remove ${name}?" verb="Remove" .run=${() => this.drop()}>
        <p>It is offered no more. Stacks that are made from it go on; when there are none, it is deleted.</p>
      </sky-confirm>
    </section>`
  }

  private trial(number: number, { key, progress, failure, triedAt }: StackTrial) {
    return html`<section class="stack" aria-label="Trial of ${key}">
      <h3>Trial of ${key}</h3>
      <sky-trial
        .organization=${this.organization}
        .template=${this.history.name}
        .number=${number}
        .service=${key}
        .asked=${triedAt}
        .failure=${failure}
        ?running=${progress !== null}
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
      this.history = await orderStackVersion(of, number, order)
      this.dispatchEvent(new Event("changed"))
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }

  private async drop(): Promise<void> {
    await removeStackTemplate({ organization: this.organization, template: this.history.name })
    fire(this, "sky-notice", { tone: "good", text: `${this.history.name} is removed from the library.` })
    this.dispatchEvent(new Event("changed"))
  }
}
