import { endpointLabel } from "@skypanel/contract/Name"
import { steadySeconds, withoutPort } from "@skypanel/contract/Service"
import type { Session } from "@skypanel/contract/Session"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { formatPrice } from "../domain/money.ts"
import { replicasOf, type ServiceForm, saysPort } from "../domain/serviceForm.ts"
import { priceOf } from "../domain/servicePrice.ts"
import { base } from "../style/base.ts"

/** What will happen, and what it costs, as the form stands; the button goes in the slot. */
@customElement("sky-plan")
export class SkyPlan extends LitElement {
  @property({ attribute: false }) form!: ServiceForm
  @property({ attribute: false }) session!: Session
  @property() organization = ""

  static override styles = [
    base,
    css`
      .card {
        padding: 16px;
        display: grid;
        gap: 16px;
      }
      .price {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 8px;
        padding-bottom: 16px;
        border-bottom: 1px solid var(--sky-border);
      }
      .price strong {
        display: block;
        font-size: 20px;
        line-height: 28px;
        font-weight: 600;
        letter-spacing: -0.01em;
      }
      ol {
        display: grid;
        gap: 10px;
        font-size: 13px;
        line-height: 20px;
        counter-reset: step;
      }
      li {
        display: grid;
        grid-template-columns: 20px minmax(0, 1fr);
        gap: 8px;
        overflow-wrap: anywhere;
      }
      li::before {
        counter-increment: step;
        content: counter(step);
        font-size: 11px;
        text-align: center;
        border-radius: 50%;
        background: var(--sky-idle-quiet);
        color: var(--sky-text-muted);
        height: 20px;
      }
      h2 {
        margin-bottom: 8px;
      }
      .slot {
        display: grid;
        gap: 12px;
      }
    `,
  ]

  override render() {
    const hourly = priceOf(this.session.platform.prices, this.form)
    const price = hourly === null ? null : formatPrice(hourly)
    return html`<div class="card">
      <div class="price number" role="status" aria-label="Price">
        <span><strong>${price?.hour ?? "–"}</strong><span class="small muted">per hour</span></span>
        <span><strong>${price?.month ?? "–"}</strong><span class="small muted">per month (730 h)</span></span>
      </div>
      <div>
        <h2>What will happen</h2>
        <ol>
          <li><span>${this.build()}</span></li>
          <li><span>${this.form.door === "image" ? "From the copy" : "An image is made from it, and"} ${this.instances()}.</span></li>
          <li><span>${this.check()}</span></li>
          <li><span>${this.end()}</span></li>
        </ol>
      </div>
      <div class="slot"><slot></slot></div>
      ${
        this.session.platform.packageSet === null
          ? html`<p class="small muted">No builder is connected at present: it will wait for one.</p>`
          : nothing
      }
    </div>`
  }

  private build() {
    const packages = this.session.platform.packageSet
    const by =
      packages === null
        ? "Nix"
        : `Nix and ${packages.kind === "nixpkgs" ? "nixpkgs" : "the embedded package set"}`
    switch (this.form.door) {
      case "template":
        return `The template ${this.form.template || "you choose"} is built with ${by}.`
      case "git":
        return `The repository is fetched${this.form.ref.trim() === "" ? "" : ` at ${this.form.ref.trim()}`}, recognised, and built with ${by}, or as its Dockerfile says.`
      case "image":
        return `${this.form.reference.trim() || "The image"} is fetched from its registry, checked, and kept as a copy.`
      default:
        return `Your expression is evaluated and built with ${by}.`
    }
  }

  private instances(): string {
    const { cpu, memory, hasVolume, volumePath, volumeSize } = this.form
    const replicas = replicasOf(this.form)
    const size = `${cpu.trim() || "?"} CPU and ${memory.trim() || "?"} of memory`
    const volume = hasVolume
      ? `, and a volume of ${volumeSize.trim() || "?"} at ${volumePath.trim() || "?"}`
      : ""
    return replicas === 1
      ? `one instance is started with ${size}${volume}`
      : `${replicas ?? "?"} instances are started, each with ${size}, on workers apart where there are enough`
  }

  private end() {
    return this.form.hasPort
      ? html`It answers at <span class="mono">${this.address()}</span>. Only then is it live.`
      : html`Only then is it live. It ${withoutPort}.`
  }

  private port(): string {
    const { door, port } = this.form
    if (port !== "" || !saysPort(door)) return `port ${port || "?"}`
    return `port 8080, or what the ${door === "image" ? "image" : "repository"} says`
  }

  private check(): string {
    const { hasPort, healthPath } = this.form
    if (!hasPort) return `Its process has to stay up for ${steadySeconds} seconds.`
    const where = this.port()
    return healthPath.trim() === ""
      ? `It has to accept a connection on ${where}.`
      : `GET ${healthPath.trim()} on ${where} has to answer.`
  }

  private address(): string {
    const { endpointDomain, endpointPort } = this.session.platform
    const port = endpointPort === 80 || endpointPort === 443 ? "" : `:${endpointPort}`
    return `${endpointLabel(this.form.name || "name", this.organization)}.${endpointDomain}${port}`
  }
}
