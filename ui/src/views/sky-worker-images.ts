import { html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readFleet } from "../data/fleet.ts"
import { readWorkerImages } from "../data/workers.ts"
import { pathOf } from "../domain/paths.ts"
import { concernsWorker } from "../domain/workerUse.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-stored-images.ts"
import { base } from "../style/base.ts"
import { workerOverviewStyle } from "./workerOverviewStyle.ts"

/** What images take on a worker. */
@customElement("sky-worker-images")
export class SkyWorkerImages extends LitElement {
  @property() name = ""

  private readonly images = new Resource(this, {
    key: () => [this.name] as const,
    // A worker that says nothing is an answer, too.
    read: async ([name], signal) => ({ said: await readWorkerImages(name, signal) }),
    onFleet: (change, [name]) => change.kind === "measurements" && concernsWorker(change, name),
    keep: true,
  })

  private readonly fleet = new Resource(this, {
    key: () => ["fleet"] as const,
    read: (_, signal) => readFleet(signal),
    onFleet: ({ kind }) => kind === "fleet",
  })

  static override styles = [base, workerOverviewStyle]

  override render() {
    return html`<section class="card" aria-labelledby="images">
      <div class="row wrap spread head">
        <h2 id="images">Images</h2>
        <a class="small" href=${pathOf({ view: "fleet-policy" })}>Policy</a>
      </div>
      ${this.content()}
    </section>`
  }

  private content() {
    const images = this.images.value
    if (images?.said)
      return html`<sky-stored-images .images=${images.said} .policy=${this.fleet.value?.policy.images ?? null}></sky-stored-images>`
    if (images) return html`<p class="muted">It has not said yet what images take.</p>`
    return this.images.problem
      ? html`<sky-problem .problem=${this.images.problem} retryable @retry=${() => this.images.reload()}></sky-problem>`
      : html`<sky-skeleton .height=${60}></sky-skeleton>`
  }
}
