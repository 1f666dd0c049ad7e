import { type Deployment, isFinished } from "@skypanel/contract/Deployment"
import { describeSource } from "@skypanel/contract/Source"
import { html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { LogFollow } from "../app/LogFollow.ts"
import { Resource } from "../app/Resource.ts"
import { cancelDeployment, followBuildLog, readDeployment } from "../data/deployments.ts"
import { asProblem } from "../data/problem.ts"
import { readService, redeployService } from "../data/services.ts"
import { stripAnsi } from "../domain/ansi.ts"
import { can } from "../domain/can.ts"
import { deploymentLook } from "../domain/looks.ts"
import { nextStep } from "../domain/nextStep.ts"
import { pathOf } from "../domain/paths.ts"
import { registryToAsk } from "../domain/registry.ts"
import { triggerTitle } from "../domain/triggers.ts"
import { describeVolume } from "../domain/volumeForm.ts"
import { fire } from "../elements/events.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-confirm.ts"
import type { SkyConfirm } from "../elements/sky-confirm.ts"
import "../elements/sky-failure.ts"
import "../elements/sky-log.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-receipt.ts"
import "../elements/sky-registry-offer.ts"
import "../elements/sky-returned.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-source.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import "../elements/sky-timeline.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { deploymentStyle } from "./deploymentStyle.ts"

/** One deployment, watched from queued to live. */
@customElement("sky-deployment")
export class SkyDeployment extends LitElement {
  @property() organization = ""
  @property() service = ""
  @property({ type: Number }) number = 0
  @state() private ordering = false
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  private readonly deployment = new Resource(this, {
    key: () => [this.organization, this.service, this.number] as const,
    read: (key, signal) => readDeployment(...key, signal),
    on: (change, [, service, number]) =>
      change.kind === "deployment" && change.service === service && (change.deployment ?? number) === number,
  })

  private readonly owner = new Resource(this, {
    key: () => [this.organization, this.service] as const,
    read: (key, signal) => readService(...key, signal),
    on: (change, [, service]) => (change.service ?? service) === service,
  })

  private readonly log = new LogFollow(
    this,
    () => (this.hasLog ? ([this.organization, this.service, this.number] as const) : null),
    (key, follower) => followBuildLog(...key, follower),
  )

  static override styles = [base, controls, deploymentStyle]

  private get hasLog(): boolean {
    const building = this.deployment.value?.steps.find(({ name }) => name === "building")
    return building !== undefined && building.state !== "skipped" && building.state !== "pending"
  }

  override render() {
    const deployment = this.deployment.value
    return html`<div class="stack">
      <sky-problem .problem=${this.deployment.problem} retryable @retry=${() => this.deployment.reload()}></sky-problem>
      ${
        deployment
          ? this.content(deployment)
          : this.deployment.problem
            ? nothing
            : html`<h1>Deployment #${this.number}</h1>
                <sky-skeleton .height=${110}></sky-skeleton><sky-skeleton .height=${420}></sky-skeleton>`
      }
    </div>`
  }

  private content(deployment: Deployment) {
    return html`${this.header(deployment)}
      <sky-failure .failure=${deployment.failure} serves=${this.owner.value && this.owner.value.state !== "stopped" ? this.serves() : ""}>${this.next(deployment)}</sky-failure>
      <sky-registry-offer
        .registry=${registryToAsk(deployment.source, deployment.failure)}
        .organization=${this.organization}
        verb="Save and deploy again"
        @given=${() => this.redeploy()}
      ></sky-registry-offer>
      <sky-returned
        .deployment=${deployment}
        .organization=${this.organization}
        .service=${this.service}
      ></sky-returned>
      ${deployment.receipt === null ? nothing : html`<sky-receipt .deployment=${deployment}></sky-receipt>`}
      <div class="card line ${this.isShort(deployment) ? "short" : ""}">
        <sky-timeline .deployment=${deployment}>
          ${
            this.hasLog
              ? html`<sky-log
                  slot="building"
                  .buffer=${this.log.buffer}
                  .live=${this.log.live}
                  .marked=${new Set((deployment.failure?.lines ?? []).map((line) => stripAnsi(line).trim()))}
                  waiting=${isFinished(deployment.status) ? "The build printed nothing." : "Waiting for the first line…"}
                  name="${this.service}-${deployment.number}-build"
                ></sky-log>`
              : nothing
          }
        </sky-timeline>
      </div>
      <sky-confirm
        heading="Cancel deployment #${deployment.number}?"
        verb="Cancel the deployment"
        dangerous
        .run=${() => this.cancel()}
      >
        <p>What it has built so far is given up. ${this.serves()}</p>
      </sky-confirm>`
  }

  /** A log that has ended after a few lines needs no room for more. */
  private isShort(deployment: Deployment): boolean {
    return isFinished(deployment.status) && this.log.over && this.log.buffer.lines.length < 8
  }

  private serves(): string {
    const release = this.owner.value?.release ?? null
    return release === null ? "Nothing serves yet." : `Release #${release} goes on serving.`
  }

  private header(deployment: Deployment) {
    const service = this.owner.value
    return html`<div class="row spread wrap head">
        <div class="row wrap">
          <h1>
            Deployment #${deployment.number}
            <span class="of">of <a href=${this.servicePath()}>${this.service}</a></span>
          </h1>
          <span role="status" aria-label="State of the deployment"
            ><sky-state .look=${deploymentLook[deployment.status]}></sky-state
          ></span>
        </div>
        <div class="row wrap">
          ${
            deployment.status === "live" && service?.public
              ? html`<a class="button" href=${service.url} target="_blank" rel="noopener">${icon("open")} Open</a>`
              : nothing
          }
          ${
            isFinished(deployment.status)
              ? nothing
              : html`<button class="danger" @click=${() => this.confirm.show()}>${icon("close")} Cancel</button>`
          }
        </div>
      </div>
      <div class="row wrap facts">
        <span>${triggerTitle[deployment.trigger]}${deployment.createdBy === null ? "" : ` by ${deployment.createdBy}`},
          <sky-time .at=${deployment.createdAt}></sky-time></span>
        <sky-source .source=${deployment.source} .revision=${deployment.revision}></sky-source>
        ${recognised(deployment)}
        <span class="number"
          >${deployment.replicas === 1 ? "1 instance" : `${deployment.replicas} instances`}${
            deployment.volume === null
              ? nothing
              : html`, volume <code>${describeVolume(deployment.volume)}</code>`
          }</span
        >
      </div>`
  }

  private servicePath(): string {
    return pathOf({
      view: "service",
      organization: this.organization,
      service: this.service,
      tab: "overview",
    })
  }

  private next(deployment: Deployment) {
    if (deployment.failure === null) return nothing
    const step = nextStep(deployment.failure.code)
    const again = this.ordering
      ? "It is under way."
      : this.owner.value
        ? can.redeploy(this.owner.value)
        : null
    const button = (primary: boolean) => html`<button
      class=${primary ? "primary" : ""}
      aria-disabled=${again === null ? "false" : "true"}
      title=${again ?? nothing}
      @click=${() => again === null && this.redeploy()}
    >
      ${icon("redeploy")} Redeploy
    </button>`
    if (step.leads === "redeploy") return button(true)
    // What helps an image is asked for below.
    if (step.leads === "settings" && deployment.source._tag === "image") return button(false)
    const href = pathOf({
      view: "service",
      organization: this.organization,
      service: this.service,
      tab: step.leads,
    })
    return html`<a class="button primary" href=${href}>${step.text}</a>${button(false)}`
  }

  private async redeploy(): Promise<void> {
    this.ordering = true
    try {
      const { deployment } = await redeployService(this.organization, this.service)
      fire(this, "sky-go", {
        view: "deployment",
        organization: this.organization,
        service: this.service,
        number: deployment.number,
      })
    } catch (error) {
      fire(this, "sky-notice", { tone: "bad", text: asProblem(error).message })
    } finally {
      this.ordering = false
    }
  }

  private async cancel(): Promise<void> {
    this.deployment.put(await cancelDeployment(this.organization, this.service, this.number))
    fire(this, "sky-notice", { tone: "good", text: `Deployment #${this.number} is being canceled.` })
  }
}

/** How the source was understood, where that says more than the source. */
const recognised = ({ recognisedAs, source }: Deployment) =>
  recognisedAs === null || recognisedAs === describeSource(source)
    ? nothing
    : html`<span>${recognisedAs}</span>`
