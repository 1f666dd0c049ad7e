import type { Service } from "@skypanel/contract/Service"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { readServices } from "../data/services.ts"
import { deploymentLook, serviceLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-copy.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-price.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"

/** The services of an organization. */
@customElement("sky-services")
export class SkyServices extends LitElement {
  @property() organization = ""

  private readonly services = new Resource(this, {
    key: () => (this.organization === "" ? null : ([this.organization] as const)),
    read: ([organization], signal) => readServices(organization, signal),
    on: (change) => change.kind === "service" || change.kind === "deployment",
  })

  static override styles = [
    base,
    controls,
    table,
    css`
      .name {
        font-weight: 600;
        color: var(--sky-text);
      }
      .why {
        color: var(--sky-bad);
        max-width: 30ch;
      }
      td .row {
        gap: 8px;
      }
      td.last {
        min-width: 150px;
      }
      @container (max-width: 800px) {
        td.last {
          min-width: 0;
        }
      }
    `,
  ]

  override render() {
    const services = this.services.value
    return html`<div class="stack">
      <div class="row spread">
        <h1>Services</h1>
        ${services && services.length > 0 ? this.create() : nothing}
      </div>
      <sky-problem .problem=${this.services.problem} retryable @retry=${() => this.services.reload()}></sky-problem>
      ${
        services
          ? services.length === 0
            ? this.empty()
            : this.list(services)
          : this.services.problem
            ? nothing
            : html`<sky-skeleton .rows=${5} .height=${44}></sky-skeleton>`
      }
    </div>`
  }

  private create() {
    const href = pathOf({ view: "new-service", organization: this.organization, from: null })
    return html`<a class="button primary" href=${href}>${icon("plus")} New service</a>`
  }

  private empty() {
    return html`<sky-empty heading="Nothing runs here yet">
      <p>A service is one program that SkyPanel builds with Nix and runs for you, with an address of its own.</p>
      ${this.create()}
      <a href=${pathOf({ view: "templates", organization: this.organization })}>Look at the templates</a>
    </sky-empty>`
  }

  private list(services: readonly Service[]) {
    return html`<div class="card table">
      <table>
        <thead>
          <tr>
            <th>Service</th>
            <th>State</th>
            <th>Address</th>
            <th class="end">Release</th>
            <th class="end">Price</th>
            <th>Last deployment</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            services,
            (service) => service.id,
            (service) => this.row(service),
          )}
        </tbody>
      </table>
    </div>`
  }

  private address({ public: isPublic, state, url }: Service) {
    if (url === null) return html`<span class="muted">no port</span>`
    return isPublic && (state === "live" || state === "degraded")
      ? html`<span class="row"><a class="mono" href=${url} target="_blank" rel="noopener">${bare(url)}</a></span>`
      : html`<span class="mono muted">${bare(url)}</span>`
  }

  private row(service: Service) {
    const place = { view: "service", organization: this.organization, service: service.name } as const
    return html`<tr>
      <td class="lead"><a class="name" href=${pathOf({ ...place, tab: "overview" })}>${service.name}</a></td>
      <td data-label="State"><sky-state .look=${serviceLook[service.state]}></sky-state></td>
      <td data-label="Address" class="small">${this.address(service)}</td>
      <td data-label="Release" class="end number">${service.release === null ? "–" : `#${service.release}`}</td>
      <td data-label="Price" class="end nowrap"><sky-price .hourly=${service.hourlyPrice}></sky-price></td>
      <td data-label="Last deployment" class="last">${this.deployment(service)}</td>
    </tr>`
  }

  private deployment(service: Service) {
    const newest = service.deployment
    if (newest === null) return "–"
    const href = pathOf({
      view: "deployment",
      organization: this.organization,
      service: service.name,
      number: newest.number,
    })
    return html`<div>
      <span class="row">
        <a class="number" href=${href} aria-label="Deployment ${newest.number}">#${newest.number}</a>
        <sky-state bare .look=${deploymentLook[newest.status]}></sky-state>
        <sky-time class="muted" .at=${newest.createdAt}></sky-time>
      </span>
      ${newest.failureTitle === null ? nothing : html`<div class="small why clip" title=${newest.failureTitle}>${newest.failureTitle}</div>`}
    </div>`
  }
}

const bare = (url: string): string => url.replace(/^https?:\/\//, "").replace(/\/$/, "")
