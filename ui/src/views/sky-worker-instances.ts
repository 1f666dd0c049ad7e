import { consume } from "@lit/context"
import type { Session } from "@skypanel/contract/Session"
import type { WorkerInstance } from "@skypanel/contract/Worker"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { sessionContext } from "../app/context.ts"
import { Resource } from "../app/Resource.ts"
import { readWorkerInstances } from "../data/workers.ts"
import { placementLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { concernsWorker } from "../domain/workerUse.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"
import { workerOverviewStyle } from "./workerOverviewStyle.ts"

/** What runs on a worker, and what moves away from it or to it. */
@customElement("sky-worker-instances")
export class SkyWorkerInstances extends LitElement {
  @property() name = ""
  @consume({ context: sessionContext, subscribe: true }) @state() private session!: Session

  private readonly instances = new Resource(this, {
    key: () => [this.name] as const,
    read: ([name], signal) => readWorkerInstances(name, signal),
    onFleet: (change, [name]) =>
      (change.kind === "worker" || change.kind === "measurements") && concernsWorker(change, name),
  })

  static override styles = [base, table, workerOverviewStyle]

  override render() {
    const instances = this.instances.value
    return html`<section class="card flush" aria-labelledby="runs">
      <div class="row wrap head">
        <h2 id="runs">What runs there</h2>
        ${instances ? html`<span class="small muted number">${instances.length}</span>` : nothing}
      </div>
      ${
        instances
          ? instances.length === 0
            ? html`<p class="none">No instance is placed there.</p>`
            : this.list(instances)
          : this.instances.problem
            ? html`<sky-problem .problem=${this.instances.problem} retryable @retry=${() => this.instances.reload()}></sky-problem>`
            : html`<sky-skeleton .rows=${3} .height=${40}></sky-skeleton>`
      }
    </section>`
  }

  private list(instances: readonly WorkerInstance[]) {
    return html`<div class="table">
      <table>
        <thead>
          <tr>
            <th>Service</th>
            <th>Organization</th>
            <th class="end">Slot</th>
            <th>State</th>
            <th>Last probe</th>
            <th>Since</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            instances,
            ({ placementId }) => placementId,
            (instance) => this.row(instance),
          )}
        </tbody>
      </table>
    </div>`
  }

  private row(instance: WorkerInstance) {
    return html`<tr>
      <td class="lead">${this.service(instance)}</td>
      <td data-label="Organization">${instance.organization}</td>
      <td data-label="Slot" class="end number">${instance.slot}</td>
      <td data-label="State">
        <span>
          <sky-state bare .look=${placementLook(instance)}></sky-state>
          ${
            instance.movesTo === null
              ? nothing
              : html`<span class="small moves">${icon("move")} to
                  <a href=${pathOf({ view: "worker", worker: instance.movesTo, tab: "overview" })}>${instance.movesTo}</a></span
                >`
          }
        </span>
      </td>
      <td data-label="Last probe">${instance.probe || "–"}</td>
      <td data-label="Since" class="nowrap"><sky-time .at=${instance.since}></sky-time></td>
    </tr>`
  }

  /** A service can be looked at by members of its organization only. */
  private service({ service, organization }: WorkerInstance) {
    if (!this.session.organizations.some(({ slug }) => slug === organization)) return service
    return html`<a href=${pathOf({ view: "service", organization, service, tab: "overview" })}>${service}</a>`
  }
}
