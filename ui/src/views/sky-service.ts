import type { Service } from "@skypanel/contract/Service"
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readService } from "../data/services.ts"
import { serviceLook } from "../domain/looks.ts"
import { pathOf, type ServiceTab, serviceTabs } from "../domain/paths.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-copy.ts"
import "../elements/sky-price.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-service-actions.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { tabs } from "../style/tabs.ts"
import "./sky-service-overview.ts"
import { serviceStyle } from "./serviceStyle.ts"

/** The tabs that are not the first thing one sees come when somebody opens them. */
const modules: Partial<Record<ServiceTab, () => Promise<unknown>>> = {
  deployments: () => import("./sky-service-deployments.ts"),
  builds: () => import("./sky-service-builds.ts"),
  releases: () => import("./sky-service-releases.ts"),
  logs: () => import("./sky-service-logs.ts"),
  configuration: () => import("./sky-service-configuration.ts"),
  settings: () => import("./sky-service-settings.ts"),
}

const tabTitle: Record<ServiceTab, string> = {
  overview: "Overview",
  deployments: "Deployments",
  builds: "Builds",
  releases: "Releases",
  logs: "Logs",
  configuration: "Configuration",
  settings: "Settings",
}

/** One service: what it is and does, and what can be done with it. */
@customElement("sky-service")
export class SkyService extends LitElement {
  @property() organization = ""
  @property() name = ""
  @property() tab: ServiceTab = "overview"
  private shown: ServiceTab | null = null
  private readonly loaded = new Set<ServiceTab>(["overview"])

  private readonly service = new Resource(this, {
    key: () => [this.organization, this.name] as const,
    read: (key, signal) => readService(...key, signal),
    on: (change, [, name]) => (change.service ?? name) === name,
  })

  static override styles = [base, controls, tabs, serviceStyle]

  override willUpdate(): void {
    const { tab } = this
    if (this.loaded.has(tab)) return
    void modules[tab]?.().then(() => {
      this.loaded.add(tab)
      this.requestUpdate()
    })
  }

  /** On a narrow screen the tabs scroll: the chosen one has to be in sight. */
  override updated(changed: PropertyValues<this>): void {
    if (!changed.has("tab") && this.shown === this.tab) return
    const tab = this.renderRoot.querySelector<HTMLElement>(".tabs [aria-current]")
    if (!tab) return
    this.shown = this.tab
    const bar = tab.parentElement!
    bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2
  }

  override render() {
    const service = this.service.value
    return html`<div class="stack">
      ${service ? this.header(service) : html`<h1>${this.name}</h1>`}
      <sky-problem .problem=${this.service.problem} retryable @retry=${() => this.service.reload()}></sky-problem>
      ${
        service
          ? html`${this.tabs()}
              <section aria-label=${tabTitle[this.tab]}>${this.content(service)}</section>`
          : this.service.problem
            ? nothing
            : html`<sky-skeleton .height=${36}></sky-skeleton><sky-skeleton .rows=${3} .height=${120}></sky-skeleton>`
      }
    </div>`
  }

  private address(service: Service) {
    if (service.url === null) return html`<span class="muted">Runs without a port: no URL</span>`
    const serves = service.public && (service.state === "live" || service.state === "degraded")
    return html`${
      serves
        ? html`<a class="mono" href=${service.url} target="_blank" rel="noopener" aria-label="Open ${service.url}"
            ><span class="row">${service.url}${icon("open")}</span></a
          >`
        : html`<span class="mono muted">${service.url}</span>`
    }<sky-copy .value=${service.url} what="address"></sky-copy>`
  }

  private header(service: Service) {
    return html`<header>
      <div class="row wrap title">
        <h1>${service.name}</h1>
        <span role="status" aria-label="State"><sky-state .look=${serviceLook[service.state]}></sky-state></span>
        <sky-service-actions
          .service=${service}
          .organization=${this.organization}
          @ordered=${() => this.service.reload()}
        ></sky-service-actions>
      </div>
      <div class="row wrap facts">
        <span class="row">${this.address(service)}</span>
        ${
          service.stack === null
            ? nothing
            : html`<span class="muted"
                >Part of stack
                <a href=${pathOf({ view: "stack", organization: this.organization, stack: service.stack })}>${service.stack}</a></span
              >`
        }
        <span class="muted">${service.release === null ? "No release yet" : html`Release <strong>#${service.release}</strong>`}</span>
        <span class="muted"><sky-price .hourly=${service.hourlyPrice}></sky-price></span>
      </div>
    </header>`
  }

  private tabs() {
    const place = { view: "service", organization: this.organization, service: this.name } as const
    return html`<nav class="tabs" aria-label="Service">
      ${serviceTabs.map(
        (tab) =>
          html`<a href=${pathOf({ ...place, tab })} aria-current=${tab === this.tab ? "page" : nothing}>${tabTitle[tab]}</a>`,
      )}
    </nav>`
  }

  private content(service: Service): TemplateResult {
    if (!this.loaded.has(this.tab)) return html`<sky-skeleton .rows=${3} .height=${80}></sky-skeleton>`
    const reload = () => this.service.reload()
    switch (this.tab) {
      case "deployments":
        return html`<sky-service-deployments .service=${service} .organization=${this.organization}></sky-service-deployments>`
      case "builds":
        return html`<sky-service-builds .service=${service} .organization=${this.organization}></sky-service-builds>`
      case "releases":
        return html`<sky-service-releases .service=${service} .organization=${this.organization} @ordered=${reload}></sky-service-releases>`
      case "logs":
        return html`<sky-service-logs .service=${service} .organization=${this.organization}></sky-service-logs>`
      case "configuration":
        return html`<sky-service-configuration .service=${service} .organization=${this.organization}></sky-service-configuration>`
      case "settings":
        return html`<sky-service-settings .service=${service} .organization=${this.organization}></sky-service-settings>`
      default:
        return html`<sky-service-overview .service=${service} .organization=${this.organization}></sky-service-overview>`
    }
  }
}
