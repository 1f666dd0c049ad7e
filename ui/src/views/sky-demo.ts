import { css, html, LitElement, type TemplateResult } from "lit"
import { customElement } from "lit/decorators.js"
import { Problem } from "../data/problem.ts"
import {
  deploymentLook,
  instanceLook,
  type Look,
  serviceLook,
  stepLook,
  workerLook,
} from "../domain/looks.ts"
import { emptyForm } from "../domain/serviceForm.ts"
import { fire } from "../elements/events.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-bar.ts"
import "../elements/sky-confirm.ts"
import type { SkyConfirm } from "../elements/sky-confirm.ts"
import "../elements/sky-copy.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-environment-fields.ts"
import "../elements/sky-failure.ts"
import "../elements/sky-log.ts"
import "../elements/sky-price.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-build-times.ts"
import "../elements/sky-receipt.ts"
import "../elements/sky-resources-fields.ts"
import "../elements/sky-service-actions.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-source.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import "../elements/sky-timeline.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import "./sky-demo-fleet.ts"
import { demoBuilds, demoLog, deploymentAt, failure, serviceIn, unchangedDeployment } from "./demoScenes.ts"

/** Our elements in every state, for looking at them: nothing here comes from or goes to a platform. */
@customElement("sky-demo")
export class SkyDemo extends LitElement {
  private readonly log = demoLog()

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
      }
    `,
  ]

  override render() {
    return html`<div class="stack">
      <div>
        <h1>Elements</h1>
        <p class="muted">Every element of this page in every state. The data is made up.</p>
      </div>
      ${this.states()}${this.timelines()}${this.section(
        "Failure and receipt",
        html`
        <sky-build-times .builds=${demoBuilds}></sky-build-times>
        <sky-failure .failure=${failure}><button class="primary">Change the source</button></sky-failure>
        <sky-receipt .deployment=${deploymentAt("live", 5, null)}></sky-receipt>
        <sky-receipt .deployment=${unchangedDeployment}></sky-receipt>
      `,
      )}
      ${this.section(
        "Log",
        html`<sky-log .buffer=${this.log} name="demo" .live=${false}></sky-log>
        <sky-log name="empty" waiting="Nothing has been printed yet."></sky-log>`,
      )}
      ${this.buttons()} ${this.fields()} ${this.whole()}
      <sky-demo-fleet></sky-demo-fleet>
    </div>`
  }

  private section(title: string, content: TemplateResult) {
    return html`<section class="card" aria-label=${title}><h2>${title}</h2>${content}</section>`
  }

  private states() {
    const looks: Look[] = [
      ...Object.values(serviceLook),
      ...Object.values(deploymentLook),
      ...Object.values(stepLook),
      ...Object.values(workerLook),
      instanceLook({ state: "running", healthy: true }),
      instanceLook({ state: "running", healthy: false }),
      instanceLook({ state: "starting", healthy: false }),
      instanceLook({ state: "exited", healthy: false }),
    ]
    const distinct = [...new Map(looks.map((look) => [look.word, look])).values()]
    return this.section(
      "States",
      html`<div class="row wrap">${distinct.map((look) => html`<sky-state .look=${look}></sky-state>`)}</div>
        <div class="row wrap">${distinct.map((look) => html`<sky-state bare .look=${look}></sky-state>`)}</div>`,
    )
  }

  private timelines() {
    return this.section(
      "Deployment timeline",
      html`<sky-timeline .deployment=${deploymentAt("queued", 0, null)}></sky-timeline>
        <sky-timeline .deployment=${deploymentAt("rolling-out", 3, null)}></sky-timeline>
        <sky-timeline .deployment=${deploymentAt("live", 5, null)}></sky-timeline>
        <sky-timeline .deployment=${deploymentAt("failed", 1, failure)}></sky-timeline>
        <sky-timeline .deployment=${deploymentAt("canceled", 2, null)}></sky-timeline>
        <sky-timeline compact .deployment=${deploymentAt("building", 1, null)}></sky-timeline>`,
    )
  }

  private buttons() {
    return this.section(
      "Buttons, actions, words",
      html`<div class="row wrap">
          <button class="primary">${icon("plus")} Primary</button><button>Usual</button><button class="quiet">Quiet</button>
          <button class="danger">Danger</button><button class="danger filled">Danger</button>
          <button aria-disabled="true">Not possible</button>
          <button @click=${() => fire(this, "sky-notice", { tone: "good", text: "shop is being restarted." })}>Good news</button>
          <button @click=${() => fire(this, "sky-notice", { tone: "bad", text: "The platform does not answer." })}>Bad news</button>
          <button @click=${() => this.renderRoot.querySelector<SkyConfirm>("#ask")?.show()}>Question</button>
        </div>
        <sky-confirm id="ask" heading="Delete shop?" verb="Delete" dangerous name="shop"><p>This cannot be undone.</p></sky-confirm>
        <div class="row wrap">
          <sky-price .hourly=${8209}></sky-price> <sky-time .at=${new Date(Date.now() - 3_600_000).toISOString()}></sky-time>
          <code>3f2c9e1b</code><sky-copy value="3f2c9e1b" what="revision"></sky-copy>
          <sky-source .source=${{ _tag: "template", template: "nodejs" }}></sky-source>
        </div>
        <div class="row wrap">
          <sky-bar label="CPU" .share=${0.3} text="30 % of 8 cores"></sky-bar>
          <sky-bar label="Memory" .share=${0.85} text="27 GiB of 32 GiB"></sky-bar>
          <sky-bar label="Disk" .share=${0.97} text="388 GiB of 400 GiB"></sky-bar>
        </div>`,
    )
  }

  private fields() {
    const variables = [
      { name: "GREETING", value: "Hello" },
      { name: "1BAD", value: "" },
      { name: "TOKEN", value: "", secret: true, kept: 2 },
    ]
    const issues = [
      { path: "resources.cpu", message: "CPU is between 0.05 and 64 cores" },
      { path: "environment.1BAD", message: "A name does not start with a digit." },
    ]
    return this.section(
      "Fields",
      html`<sky-resources-fields .form=${{ ...emptyForm, cpu: "99" }} .issues=${issues}></sky-resources-fields>
        <sky-environment-fields secrets .variables=${variables} .issues=${issues}></sky-environment-fields>`,
    )
  }

  private whole() {
    const problem = new Problem("Unavailable", "The database cannot be reached.", "Try again in a moment.")
    return html`${this.section(
      "Loading, empty, error",
      html`<sky-skeleton .rows=${3} .height=${44}></sky-skeleton>
        <sky-empty heading="Nothing runs here yet"
          ><p>A service is one program that SkyPanel builds and runs for you.</p>
          <button class="primary">New service</button></sky-empty
        >
        <sky-problem .problem=${problem} retryable></sky-problem>`,
    )}
    ${this.section(
      "Actions by state",
      html`${(["live", "stopped", "deploying", "failed", "deleting"] as const).map(
        (state) =>
          html`<div class="row wrap">
            <sky-state .look=${serviceLook[state]}></sky-state>
            <sky-service-actions .service=${serviceIn(state)} organization="demo"></sky-service-actions>
          </div>`,
      )}`,
    )}`
  }
}
