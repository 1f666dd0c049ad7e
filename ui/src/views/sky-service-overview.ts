import { formatSize } from "@skypanel/contract/Resources"
import { describePort, type Service, steadySeconds } from "@skypanel/contract/Service"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readDeployment } from "../data/deployments.ts"
import { readImage } from "../data/image.ts"
import { deploymentLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { describeVolume, whenLostTitle } from "../domain/volumeForm.ts"
import "../elements/sky-newer-image.ts"
import "../elements/sky-returned.ts"
import "../elements/sky-commands.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-source.ts"
import "../elements/sky-state.ts"
import "../elements/sky-template-update.ts"
import "../elements/sky-time.ts"
import "../elements/sky-timeline.ts"
import { base } from "../style/base.ts"
import "./sky-service-instances.ts"

/** What a service does now: its newest deployment, its instances, and what it runs with. */
@customElement("sky-service-overview")
export class SkyServiceOverview extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""

  private readonly newest = new Resource(this, {
    key: () => {
      const { deployment, name } = this.service
      return deployment === null ? null : ([this.organization, name, deployment.number] as const)
    },
    read: (key, signal) => readDeployment(...key, signal),
    on: (change, [, name]) => change.kind === "deployment" && (change.service ?? name) === name,
  })

  private readonly image = new Resource(this, {
    key: () =>
      this.service.source._tag === "image"
        ? ([this.organization, this.service.name, this.service.source.reference] as const)
        : null,
    read: ([organization, service], signal) => readImage({ organization, service }, signal),
    on: (change, [, name]) => (change.service ?? name) === name,
  })

  static override styles = [
    base,
    css`
      section {
        padding: 16px;
        min-width: 0;
      }
      .head {
        margin-bottom: 12px;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
        gap: 16px 24px;
      }
      dt {
        font-size: 12px;
        line-height: 16px;
        color: var(--sky-text-muted);
      }
      dd {
        font-size: 14px;
        overflow-wrap: anywhere;
      }
      .wide {
        grid-column: 1 / -1;
      }
      .why {
        color: var(--sky-bad);
        font-size: 13px;
        margin-top: 12px;
      }
    `,
  ]

  override render() {
    return html`<div class="stack"><sky-returned
      .deployment=${this.newest.value ?? null}
      .organization=${this.organization}
      .service=${this.service.name}
    ></sky-returned><sky-template-update .service=${this.service} .organization=${this.organization}></sky-template-update><sky-newer-image
      .check=${this.image.value ?? null}
      .service=${this.service}
      .organization=${this.organization}
    ></sky-newer-image>${this.deployment()}<sky-service-instances .service=${this.service}></sky-service-instances>${this.facts()}${this.next()}</div>`
  }

  private deployment() {
    const newest = this.service.deployment
    if (newest === null) return nothing
    const href = pathOf({
      view: "deployment",
      organization: this.organization,
      service: this.service.name,
      number: newest.number,
    })
    return html`<section class="card" aria-labelledby="deployment">
      <div class="row wrap head">
        <h2 id="deployment"><a href=${href}>Deployment #${newest.number}</a></h2>
        <sky-state bare .look=${deploymentLook[newest.status]}></sky-state>
        <span class="muted small"><sky-time .at=${newest.createdAt}></sky-time></span>
      </div>
      ${
        this.newest.value
          ? html`<sky-timeline compact .deployment=${this.newest.value}></sky-timeline>`
          : html`<sky-skeleton .height=${86}></sky-skeleton>`
      }
      ${
        newest.failureTitle === null
          ? nothing
          : html`<p class="why">${newest.failureTitle} <a href=${href}>See why</a>${this.serves()}</p>`
      }
    </section>`
  }

  private serves() {
    const { release, state } = this.service
    return release === null || state === "stopped"
      ? nothing
      : html` <span class="muted">Release #${release} goes on serving.</span>`
  }

  /** How the next version comes, where that is not by the page. */
  private next() {
    if (this.service.source._tag !== "folder") return nothing
    return html`<section class="card" aria-labelledby="next">
      <h2 id="next" class="head">Deploy the next version</h2>
      <sky-commands .service=${this.service.name} .organization=${this.organization}></sky-commands>
    </section>`
  }

  private health() {
    const { port, healthPath } = this.service
    if (port === null) return `up for ${steadySeconds} seconds`
    return healthPath === null ? "connection to the port" : html`<code>GET ${healthPath}</code>`
  }

  private facts() {
    // Of a deployment that does not serve, or not yet, the revision is not what serves.
    const revision = this.newest.value?.status === "live" ? this.newest.value.revision : null
    const { resources, source, port, environment, createdAt, replicas, volume } = this.service
    const count = Object.keys(environment).length
    return html`<section class="card" aria-label="Configuration">
      <dl>
        <div class="wide">
          <dt>Source</dt>
          <dd><sky-source .source=${source} .revision=${revision}></sky-source></dd>
        </div>
        <div>
          <dt>CPU</dt>
          <dd class="number">${resources.cpu} ${resources.cpu === 1 ? "core" : "cores"}</dd>
        </div>
        <div>
          <dt>Memory</dt>
          <dd class="number">${formatSize(resources.memoryBytes)}</dd>
        </div>
        <div>
          <dt>Storage</dt>
          <dd class="number">${formatSize(resources.storageBytes)}</dd>
        </div>
        <div>
          <dt>Instances</dt>
          <dd class="number">${replicas}</dd>
        </div>
        <div>
          <dt>Volume</dt>
          <dd>
            ${volume === null ? "none" : html`<code>${describeVolume(volume)}</code>`}
            ${volume === null ? nothing : html`<div class="small muted">without its worker it ${whenLostTitle[volume.whenWorkerIsLost]}</div>`}
          </dd>
        </div>
        <div>
          <dt>Port</dt>
          <dd class="number">${describePort(port)}</dd>
        </div>
        <div>
          <dt>Health</dt>
          <dd>${this.health()}</dd>
        </div>
        <div>
          <dt>Environment</dt>
          <dd>${count === 0 ? "no variables" : `${count} variable${count === 1 ? "" : "s"}`}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd><sky-time .at=${createdAt}></sky-time></dd>
        </div>
      </dl>
    </section>`
  }
}
