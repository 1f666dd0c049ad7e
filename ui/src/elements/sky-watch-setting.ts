import type { Service } from "@skypanel/contract/Service"
import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { asProblem } from "../data/problem.ts"
import { watchReleases } from "../data/services.ts"
import { formatDuration } from "../domain/time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"

const offered = [0, 60, 300, 900, 3600]

/** For how long new releases are looked after. */
@customElement("sky-watch-setting")
export class SkyWatchSetting extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""

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
    const { watchSeconds } = this.service
    const choices = Array.from(new Set([...offered, watchSeconds])).sort((one, other) => one - other)
    return html`<section class="card">
      <label for="watch">Look after new releases</label>
      <select id="watch" aria-describedby="watch-help" @change=${(event: Event) => this.choose(event.target as HTMLSelectElement)}>
        ${choices.map(
          (seconds) =>
            html`<option value=${seconds} ?selected=${seconds === watchSeconds}>
              ${seconds === 0 ? "not at all" : `for ${formatDuration(seconds * 1000)}`}
            </option>`,
        )}
      </select>
      <p class="help" id="watch-help">
        A release that keeps exiting or stays unhealthy so soon after it went live gives way to the one before it.
      </p>
    </section>`
  }

  private async choose(select: HTMLSelectElement): Promise<void> {
    try {
      this.service = await watchReleases(this.organization, this.service.name, Number(select.value))
      fire(this, "sky-notice", { tone: "good", text: "Saved." })
    } catch (error) {
      const problem = asProblem(error)
      select.value = String(this.service.watchSeconds)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    }
  }
}
