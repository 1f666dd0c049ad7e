import type { Worker } from "@skypanel/contract/Worker"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { useOf } from "../domain/workerUse.ts"
import "../elements/sky-bar.ts"
import "../elements/sky-drain.ts"
import { base } from "../style/base.ts"
import "./sky-worker-charts.ts"
import "./sky-worker-facts.ts"
import "./sky-worker-images.ts"
import "./sky-worker-instances.ts"
import { workerOverviewStyle } from "./workerOverviewStyle.ts"

/** How a worker is: what it uses, what moves, how it was in the last hours, and what runs there. */
@customElement("sky-worker-overview")
export class SkyWorkerOverview extends LitElement {
  @property({ attribute: false }) worker!: Worker

  static override styles = [base, workerOverviewStyle]

  override render() {
    const { worker } = this
    return html`<div class="stack">
      <sky-drain .drain=${worker.drain}></sky-drain>
      ${this.use()}
      <sky-worker-charts .worker=${worker}></sky-worker-charts>
      <sky-worker-instances .name=${worker.name}></sky-worker-instances>
      ${worker.roles.includes("services") ? html`<sky-worker-images .name=${worker.name}></sky-worker-images>` : nothing}
      <sky-worker-facts .worker=${worker}></sky-worker-facts>
    </div>`
  }

  private use() {
    const uses = useOf(this.worker)
    if (uses.length === 0) return nothing
    return html`<section class="card bars" aria-labelledby="use">
      <h2 id="use" class="hidden-text">Use</h2>
      ${uses.map(
        ({ label, share, text, reserved, reservedText }) => html`<div>
          <h3>${label}</h3>
          <sky-bar
            label="${label} of ${this.worker.name}"
            .share=${share ?? 0}
            text=${text}
            .reserved=${reserved}
            .reservedText=${reservedText}
          ></sky-bar>
        </div>`,
      )}
    </section>`
  }
}
