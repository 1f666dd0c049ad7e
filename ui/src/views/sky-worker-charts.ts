import type { Worker } from "@skypanel/contract/Worker"
import { html, LitElement } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readWorkerHistory } from "../data/workers.ts"
import { seriesOf } from "../domain/samples.ts"
import { concernsWorker } from "../domain/workerUse.ts"
import { segments } from "../elements/segments.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { segments as segmentsStyle } from "../style/segments.ts"
import { workerOverviewStyle } from "./workerOverviewStyle.ts"

type Range = "1" | "3" | "24" | "168"
const ranges: readonly { readonly value: Range; readonly title: string }[] = [
  { value: "1", title: "1 h" },
  { value: "3", title: "3 h" },
  { value: "24", title: "24 h" },
  { value: "168", title: "7 days" },
]

/** How a worker was in the last hours. The library that draws comes when somebody looks. */
@customElement("sky-worker-charts")
export class SkyWorkerCharts extends LitElement {
  @property({ attribute: false }) worker!: Worker
  @state() private range: Range = "3"
  @state() private loaded = false

  private readonly history = new Resource(this, {
    key: () => [this.worker.name, Number(this.range)] as const,
    read: ([name, hours], signal) => readWorkerHistory(name, hours, signal),
    onFleet: (change, [name]) => change.kind === "measurements" && concernsWorker(change, name),
    keep: true,
  })

  static override styles = [base, controls, segmentsStyle, workerOverviewStyle]

  override connectedCallback(): void {
    super.connectedCallback()
    void import("../elements/sky-chart.ts").then(() => {
      this.loaded = true
    })
  }

  override render() {
    return html`<section class="card" aria-labelledby="history">
      <div class="row wrap spread head">
        <h2 id="history">History</h2>
        ${segments("Time", ranges, this.range, (range) => {
          this.range = range
        })}
      </div>
      ${this.charts()}
    </section>`
  }

  private charts() {
    const samples = this.history.value
    if (this.history.problem && !samples)
      return html`<sky-problem .problem=${this.history.problem} retryable @retry=${() => this.history.reload()}></sky-problem>`
    if (!samples || !this.loaded) return html`<sky-skeleton .rows=${2} .height=${134}></sky-skeleton>`
    if (samples.length === 0)
      return html`<p class="muted">Nothing was measured in this time. The first values come with its first heartbeat.</p>`
    return html`<div class="charts">
      ${seriesOf(samples, this.worker.capacity).map((series) => html`<sky-chart .series=${series}></sky-chart>`)}
    </div>`
  }
}
