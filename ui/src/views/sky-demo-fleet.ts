import { defaultFleetPolicy } from "@skypanel/contract/Fleet"
import { type WorkerState, WorkerState as WorkerStates } from "@skypanel/contract/Worker"
import { css, html, LitElement, type TemplateResult } from "lit"
import { customElement, state } from "lit/decorators.js"
import { stagesOf } from "../domain/installationProgress.ts"
import { workerLook } from "../domain/looks.ts"
import { seriesOf } from "../domain/samples.ts"
import { emptyForm } from "../domain/serviceForm.ts"
import { useOf } from "../domain/workerUse.ts"
import "../elements/sky-common-images.ts"
import "../elements/sky-bar.ts"
import "../elements/sky-brake.ts"
import "../elements/sky-code.ts"
import "../elements/sky-drain.ts"
import "../elements/sky-events.ts"
import "../elements/sky-labels-fields.ts"
import "../elements/sky-notification-list.ts"
import "../elements/sky-replicas-fields.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-stages.ts"
import "../elements/sky-state.ts"
import "../elements/sky-stored-images.ts"
import "../elements/sky-upgrade.ts"
import "../elements/sky-worker-actions.ts"
import { base } from "../style/base.ts"
import {
  demoCommonImages,
  demoDrains,
  demoEvents,
  demoFleets,
  demoNotifications,
  demoSamples,
  demoWorkerImages,
  workerIn,
} from "./demoFleet.ts"

/** The elements of the fleet in every state, with made-up data. */
@customElement("sky-demo-fleet")
export class SkyDemoFleet extends LitElement {
  @state() private chartLoaded = false

  static override styles = [
    base,
    css`
      section {
        padding: 16px;
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
      }
      .charts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
        gap: 16px;
      }
    `,
  ]

  override connectedCallback(): void {
    super.connectedCallback()
    void import("../elements/sky-chart.ts").then(() => {
      this.chartLoaded = true
    })
  }

  override render() {
    return html`<div class="stack">
      ${this.section("Orders for a worker, by its state", this.actions())}
      ${this.section("Drains", html`${demoDrains.map((drain) => html`<sky-drain .drain=${drain}></sky-drain>`)}`)}
      ${this.section("Brake and upgrades", this.banners())} ${this.section("Use and history", this.use())}
      ${this.section("Images on a worker", html`${demoWorkerImages.map((images, at) => html`<sky-stored-images .images=${images} .policy=${at === 0 ? null : defaultFleetPolicy.images}></sky-stored-images>`)}`)}
      ${this.section("The way of a new worker", this.stages())}
      ${this.section("Notifications", html`<sky-notification-list .notifications=${demoNotifications}></sky-notification-list>`)}
      ${this.section("Events", html`<sky-events workers .events=${demoEvents}></sky-events>`)}
      ${this.section("Labels, instances and volume", this.fields())}
    </div>`
  }

  private section(title: string, content: TemplateResult) {
    return html`<section class="card" aria-label=${title}><h2>${title}</h2>${content}</section>`
  }

  private actions() {
    return html`${WorkerStates.literals.map(
      (one: WorkerState) => html`<div class="row wrap">
        <sky-state .look=${workerLook[one]}></sky-state>
        <sky-worker-actions .worker=${workerIn(one)}></sky-worker-actions>
      </div>`,
    )}`
  }

  private banners() {
    const brake = { silent: 4, of: 6, since: new Date(Date.now() - 40_000).toISOString() }
    return html`<sky-brake .brake=${brake}></sky-brake>
      ${demoFleets.map((fleet) => html`<sky-upgrade .fleet=${fleet}></sky-upgrade>`)}
      <sky-common-images .images=${demoCommonImages} workers="4"></sky-common-images>
      <sky-common-images></sky-common-images>`
  }

  private use() {
    const worker = workerIn("active")
    return html`<div class="charts">
        ${useOf(worker).map(
          ({ label, share, text, reserved, reservedText }) =>
            html`<sky-bar label=${label} .share=${share ?? 0} text=${text} .reserved=${reserved} .reservedText=${reservedText}></sky-bar>`,
        )}
      </div>
      <div class="charts">
        ${
          this.chartLoaded
            ? seriesOf(demoSamples, worker.capacity).map(
                (series) => html`<sky-chart .series=${series}></sky-chart>`,
              )
            : html`<sky-skeleton .height=${134}></sky-skeleton>`
        }
      </div>`
  }

  private stages() {
    return html`<sky-stages .stages=${stagesOf({ state: "open" }, null)}></sky-stages>
      <sky-stages .stages=${stagesOf({ state: "fetched" }, null)}></sky-stages>
      <sky-stages .stages=${stagesOf({ state: "used" }, null)} detail="It waits for its first health report."></sky-stages>
      <sky-stages .stages=${stagesOf({ state: "used" }, { state: "active" })}></sky-stages>
      <sky-stages .stages=${stagesOf({ state: "expired" }, null)}></sky-stages>
      <sky-code value="curl -fsSL https://panel.example.org/install/… | sh" what="command" file="install.sh"></sky-code>`
  }

  private fields() {
    const rows = [
      { name: "disk", value: "ssd" },
      { name: "Bad Name", value: "" },
    ]
    const issues = [
      { path: "labels.Bad Name", message: "A label's name has no spaces." },
      { path: "replicas", message: "a service has 1 to 20 instances" },
    ]
    return html`<sky-labels-fields .rows=${rows} .issues=${issues}></sky-labels-fields>
      <sky-replicas-fields .form=${{ ...emptyForm, replicas: "99" }} .issues=${issues}></sky-replicas-fields>
      <sky-replicas-fields .form=${{ ...emptyForm, hasVolume: true }}></sky-replicas-fields>`
  }
}
