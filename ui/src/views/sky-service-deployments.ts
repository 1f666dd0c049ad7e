import type { Deployment } from "@skypanel/contract/Deployment"
import { isFinished } from "@skypanel/contract/Deployment"
import type { Service } from "@skypanel/contract/Service"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { readDeployments } from "../data/deployments.ts"
import { deploymentLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { formatDuration } from "../domain/time.ts"
import { totalMs } from "../domain/timeline.ts"
import { triggerTitle } from "../domain/triggers.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-source.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"

/** The newest deployments of a service. */
@customElement("sky-service-deployments")
export class SkyServiceDeployments extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""

  private readonly deployments = new Resource(this, {
    key: () => [this.organization, this.service.name] as const,
    read: (key, signal) => readDeployments(...key, signal),
    on: (change, [, name]) => change.kind === "deployment" && (change.service ?? name) === name,
  })

  static override styles = [
    base,
    table,
    css`
      .why {
        color: var(--sky-bad);
      }
      .number a {
        font-weight: 600;
      }
    `,
  ]

  override render() {
    const deployments = this.deployments.value
    if (this.deployments.problem && !deployments)
      return html`<sky-problem .problem=${this.deployments.problem} retryable @retry=${() => this.deployments.reload()}></sky-problem>`
    if (!deployments) return html`<sky-skeleton .rows=${5} .height=${44}></sky-skeleton>`
    if (deployments.length === 0)
      return html`<sky-empty heading="Not deployed yet"><p>Each attempt to bring a new release shows here.</p></sky-empty>`
    return html`<div class="card table">
      <table>
        <thead>
          <tr>
            <th>Deployment</th>
            <th>State</th>
            <th>Why</th>
            <th>Source</th>
            <th class="end">Release</th>
            <th class="end">Took</th>
            <th>When</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            deployments,
            ({ id }) => id,
            (deployment) => this.row(deployment),
          )}
        </tbody>
      </table>
    </div>`
  }

  private row(deployment: Deployment) {
    const href = pathOf({
      view: "deployment",
      organization: this.organization,
      service: this.service.name,
      number: deployment.number,
    })
    return html`<tr>
      <td class="lead number"><a href=${href} aria-label="Deployment ${deployment.number}">#${deployment.number}</a></td>
      <td data-label="State">
        <span>
          <sky-state bare .look=${deploymentLook[deployment.status]}></sky-state>
          ${
            deployment.returned === null || deployment.trigger === "return"
              ? nothing
              : html`<span class="small why">left by #${deployment.returned.deployment}: ${deployment.returned.reason}</span>`
          }
          ${deployment.failure === null ? nothing : html`<span class="small why">${deployment.failure.title}</span>`}
          ${deployment.receipt?.unchanged ? html`<span class="small muted">nothing changed</span>` : nothing}
        </span>
      </td>
      <td data-label="Why">${triggerTitle[deployment.trigger]}</td>
      <td data-label="Source"><sky-source .source=${deployment.source} .revision=${deployment.revision}></sky-source></td>
      <td data-label="Release" class="end number">${deployment.release === null ? "–" : `#${deployment.release}`}</td>
      <td data-label="Took" class="end number nowrap">
        ${isFinished(deployment.status) ? formatDuration(totalMs(deployment, Date.now())) : "…"}
      </td>
      <td data-label="When" class="nowrap"><sky-time .at=${deployment.createdAt}></sky-time></td>
    </tr>`
  }
}
