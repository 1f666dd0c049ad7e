import { html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readWorkerEvents } from "../data/workers.ts"
import { concernsWorker } from "../domain/workerUse.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-events.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import { base } from "../style/base.ts"

/** What happened to a worker, also to one that was removed. */
@customElement("sky-worker-events")
export class SkyWorkerEvents extends LitElement {
  @property() name = ""

  private readonly events = new Resource(this, {
    key: () => [this.name] as const,
    read: ([name], signal) => readWorkerEvents(name, signal),
    onFleet: (change, [name]) => change.kind !== "measurements" && concernsWorker(change, name),
  })

  static override styles = [base]

  override render() {
    const events = this.events.value
    if (this.events.problem && !events)
      return html`<sky-problem .problem=${this.events.problem} retryable @retry=${() => this.events.reload()}></sky-problem>`
    if (!events) return html`<sky-skeleton .rows=${5} .height=${44}></sky-skeleton>`
    if (events.length === 0)
      return html`<sky-empty heading="Nothing yet"><p>What is done to this worker, and what happens to it, is written down here.</p></sky-empty>`
    return html`<sky-events .events=${events}></sky-events>`
  }
}
