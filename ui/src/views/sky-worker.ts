import type { Worker } from "@skypanel/contract/Worker"
import { html, LitElement, nothing, type TemplateResult } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readFleet } from "../data/fleet.ts"
import { readWorker } from "../data/workers.ts"
import { workerLook } from "../domain/looks.ts"
import { pathOf, type WorkerTab, workerTabs } from "../domain/paths.ts"
import { alertTitle, concernsWorker } from "../domain/workerUse.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-brake.ts"
import "../elements/sky-copy.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import "../elements/sky-worker-actions.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { tabs } from "../style/tabs.ts"
import "./sky-worker-overview.ts"
import { workerStyle } from "./workerStyle.ts"

/** The tabs that are not the first thing one sees come when somebody opens them. */
const modules: Partial<Record<WorkerTab, () => Promise<unknown>>> = {
  events: () => import("./sky-worker-events.ts"),
  settings: () => import("./sky-worker-settings.ts"),
}

const tabTitle: Record<WorkerTab, string> = { overview: "Overview", events: "Events", settings: "Settings" }

/** One worker: how it is, what runs there, and what can be done with it. */
@customElement("sky-worker")
export class SkyWorker extends LitElement {
  @property() name = ""
  @property() tab: WorkerTab = "overview"
  private readonly loaded = new Set<WorkerTab>(["overview"])

  private readonly worker = new Resource(this, {
    key: () => [this.name] as const,
    read: ([name], signal) => readWorker(name, signal),
    onFleet: (change, [name]) =>
      (change.kind === "worker" || change.kind === "measurements") && concernsWorker(change, name),
  })

  private readonly fleet = new Resource(this, {
    key: () => ["fleet"] as const,
    read: (_, signal) => readFleet(signal),
    onFleet: ({ kind }) => kind === "fleet",
  })

  static override styles = [base, controls, tabs, workerStyle]

  override willUpdate(): void {
    const { tab } = this
    if (this.loaded.has(tab)) return
    void modules[tab]?.().then(() => {
      this.loaded.add(tab)
      this.requestUpdate()
    })
  }

  override render() {
    const worker = this.worker.value
    return html`<div class="stack">
      ${worker ? this.header(worker) : html`<h1>${this.name}</h1>`}
      <sky-brake .brake=${this.fleet.value?.brake ?? null}></sky-brake>
      <sky-problem .problem=${this.worker.problem} retryable @retry=${() => this.worker.reload()}></sky-problem>
      ${
        worker
          ? html`${this.tabs()}
              <section aria-label=${tabTitle[this.tab]}>${this.content(worker)}</section>`
          : this.worker.problem
            ? nothing
            : html`<sky-skeleton .height=${36}></sky-skeleton><sky-skeleton .rows=${3} .height=${120}></sky-skeleton>`
      }
    </div>`
  }

  private header(worker: Worker) {
    return html`<header>
      <div class="row wrap title">
        <h1>${worker.name}</h1>
        <span role="status" aria-label="State"><sky-state .look=${workerLook[worker.state]}></sky-state></span>
        ${worker.development ? html`<span class="tag">development</span>` : nothing}
        <sky-worker-actions
          .worker=${worker}
          .brake=${this.fleet.value?.brake ?? null}
          @ordered=${(event: CustomEvent<Worker>) => this.worker.put(event.detail)}
        ></sky-worker-actions>
      </div>
      <div class="row wrap facts">
        <span class="muted">${worker.reason === "" ? nothing : html`<strong>${worker.reason}</strong> `}${workerLook[worker.state].word} <sky-time span .at=${worker.stateSince}></sky-time></span>
        ${worker.takesNew ? nothing : html`<span class="muted">takes nothing new</span>`}
        ${worker.quarantinedUntil === null ? nothing : html`<span class="muted">kept out until ${new Date(worker.quarantinedUntil).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}</span>`}
        ${worker.address === null ? nothing : html`<span class="row mono">${worker.address}<sky-copy .value=${worker.address} what="address"></sky-copy></span>`}
        ${worker.region === null ? nothing : html`<span class="muted">${worker.region}</span>`}
        ${worker.versions === null ? nothing : html`<span class="muted">agent <span class="mono">${worker.versions.agent}</span></span>`}
        <span class="muted">heard ${worker.lastHeartbeatAt === null ? "never" : html`<sky-time .at=${worker.lastHeartbeatAt}></sky-time>`}</span>
        ${worker.alerts.map((alert) => html`<span class="row alert">${icon("warning")} ${alertTitle[alert]}</span>`)}
      </div>
    </header>`
  }

  private tabs() {
    return html`<nav class="tabs" aria-label="Worker">
      ${workerTabs.map(
        (tab) =>
          html`<a href=${pathOf({ view: "worker", worker: this.name, tab })} aria-current=${tab === this.tab ? "page" : nothing}
            >${tabTitle[tab]}</a
          >`,
      )}
    </nav>`
  }

  private content(worker: Worker): TemplateResult {
    if (!this.loaded.has(this.tab)) return html`<sky-skeleton .rows=${3} .height=${80}></sky-skeleton>`
    switch (this.tab) {
      case "events":
        return html`<sky-worker-events .name=${worker.name}></sky-worker-events>`
      case "settings":
        return html`<sky-worker-settings
          .worker=${worker}
          @ordered=${(event: CustomEvent<Worker>) => this.worker.put(event.detail)}
        ></sky-worker-settings>`
      default:
        return html`<sky-worker-overview .worker=${worker}></sky-worker-overview>`
    }
  }
}
