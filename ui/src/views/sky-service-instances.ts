import type { Instance, Service } from "@skypanel/contract/Service"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { instanceLook } from "../domain/looks.ts"
import "../elements/sky-copy.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"

/** The instances of a service: each with its slot, its worker and how it is. */
@customElement("sky-service-instances")
export class SkyServiceInstances extends LitElement {
  @property({ attribute: false }) service!: Service

  static override styles = [
    base,
    table,
    css`
      section {
        min-width: 0;
      }
      .head {
        padding: 12px 12px 4px;
      }
      .short {
        padding: 0 12px 8px;
        font-size: 13px;
        color: var(--sky-warn);
      }
      .none {
        padding: 4px 12px 16px;
        color: var(--sky-text-muted);
        font-size: 13px;
      }
    `,
  ]

  override render() {
    const { instances, state, replicas } = this.service
    const healthy = instances.filter((instance) => instance.healthy).length
    return html`<section class="card" aria-labelledby="instances">
      <div class="row wrap head">
        <h2 id="instances">Instances</h2>
        <span class="small muted number">${healthy} of ${replicas} healthy</span>
      </div>
      ${
        state === "degraded"
          ? html`<p class="short">Fewer instances are healthy than it shall have. What is healthy goes on answering.</p>`
          : nothing
      }
      ${
        instances.length === 0
          ? html`<p class="none">${state === "stopped" ? "None: it is stopped." : "None runs at present."}</p>`
          : html`<div class="table">
              <table>
                <thead>
                  <tr>
                    <th>Instance</th>
                    <th class="end">Slot</th>
                    <th>State</th>
                    <th>Worker</th>
                    <th class="end">Deployment</th>
                    <th>Last probe</th>
                    <th>Started</th>
                  </tr>
                </thead>
                <tbody>
                  ${instances.map((instance) => this.instance(instance))}
                </tbody>
              </table>
            </div>`
      }
    </section>`
  }

  private instance(instance: Instance) {
    return html`<tr>
      <td class="lead">
        <code title=${instance.containerId}>${instance.containerId.slice(0, 12)}</code
        ><sky-copy .value=${instance.containerId} what="container id"></sky-copy>
      </td>
      <td data-label="Slot" class="end number">${instance.slot}</td>
      <td data-label="State"><sky-state bare .look=${instanceLook(instance)}></sky-state></td>
      <td data-label="Worker" class="nowrap">${instance.worker}</td>
      <td data-label="Deployment" class="end number">#${instance.deployment}</td>
      <td data-label="Last probe">
        <span>${instance.probe}${instance.exitCode === null ? nothing : html` <span class="muted">exit code ${instance.exitCode}</span>`}</span>
      </td>
      <td data-label="Started">${instance.startedAt === null ? "–" : html`<sky-time .at=${instance.startedAt}></sky-time>`}</td>
    </tr>`
  }
}
