import { formatSize } from "@skypanel/contract/Resources"
import { keptReleasesLeast, type RetentionPlan } from "@skypanel/contract/Retention"
import type { Service } from "@skypanel/contract/Service"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { asProblem } from "../data/problem.ts"
import { planRetention, retainReleases } from "../data/services.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"

const offered = [keptReleasesLeast, 5, 10, 20, 50, 100]

/** How many releases of a service are kept; what would go is said before it does. */
@customElement("sky-retention-setting")
export class SkyRetentionSetting extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @state() private wish: number | null = null
  @state() private plan: RetentionPlan | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
      }
      select {
        width: auto;
      }
    `,
  ]

  override render() {
    const { keptReleases } = this.service
    const choices = Array.from(new Set([...offered, ...(keptReleases === null ? [] : [keptReleases])])).sort(
      (one, other) => one - other,
    )
    return html`<section class="card">
        <label for="keep">Keep releases</label>
        <select id="keep" aria-describedby="keep-help" @change=${(event: Event) => this.choose(event.target as HTMLSelectElement)}>
          <option value="" ?selected=${keptReleases === null}>as long as there is room</option>
          ${choices.map(
            (count) =>
              html`<option value=${count} ?selected=${count === keptReleases}>the newest ${count}</option>`,
          )}
        </select>
        <p class="help" id="keep-help">
          The one that serves, the one before it and pinned ones stay in any case. Others go at the next collection and
          cannot be rolled back to.
        </p>
      </section>
      <sky-confirm heading="Keep fewer releases?" verb="Let them go" dangerous .run=${() => this.save()} @wa-after-hide=${() => this.reset()}>
        ${this.plan === null ? nothing : html`<p>${words(this.plan)}</p>`}
      </sky-confirm>`
  }

  private get select(): HTMLSelectElement {
    return this.renderRoot.querySelector("select")!
  }

  private async choose(select: HTMLSelectElement): Promise<void> {
    this.wish = select.value === "" ? null : Number(select.value)
    try {
      this.plan = await planRetention(this.organization, this.service.name, this.wish)
      if (this.plan.releases.length > 0) this.confirm.show()
      else await this.save()
    } catch (error) {
      this.reset()
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    }
  }

  private async save(): Promise<void> {
    this.service = await retainReleases(this.organization, this.service.name, this.wish)
    fire(this, "sky-notice", { tone: "good", text: "Saved." })
  }

  /** The choice is what is saved, whatever came of the question. */
  private reset(): void {
    this.select.value = this.service.keptReleases === null ? "" : String(this.service.keptReleases)
  }
}

const words = ({ bytes, releases }: RetentionPlan): string =>
  `${releases.length === 1 ? "Release" : "Releases"} ${releases.map((number) => `#${number}`).join(", ")} would go, and ${formatSize(bytes)} come free.`
