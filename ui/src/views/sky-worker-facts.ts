import type { Worker } from "@skypanel/contract/Worker"
import { html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { roleWords } from "../domain/installationForm.ts"
import { upstream } from "../domain/workerUse.ts"
import "../elements/sky-copy.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { workerOverviewStyle } from "./workerOverviewStyle.ts"

const originWord: Record<NonNullable<Worker["origin"]>, string> = {
  bundle: "by this platform",
  nixos: "by its own NixOS configuration",
  development: "by the checkout it was started from",
}

/** What a worker is: its roles, labels, versions, and where its packages come from. */
@customElement("sky-worker-facts")
export class SkyWorkerFacts extends LitElement {
  @property({ attribute: false }) worker!: Worker

  static override styles = [base, workerOverviewStyle]

  override render() {
    const { worker } = this
    const labels = Object.entries(worker.labels)
    return html`<section class="card" aria-label="Facts">
      <dl>
        ${fact("Roles", worker.roles.map((role) => roleWords[role].title).join(", ") || "none")}
        ${fact("Labels", labels.length === 0 ? "none" : labels.map(([name, value]) => html`<code>${name}: ${value}</code><br />`))}
        ${this.versions()}
        ${fact("Agent is chosen", worker.origin === null ? "not known yet" : originWord[worker.origin])}
        ${fact(
          "Packages for builds",
          worker.packageSet === null
            ? "none: it builds nothing"
            : html`${worker.packageSet.kind}
                <div class="small muted">${worker.packageSet.reference}</div>
                <div class="small muted">${worker.packageSet.reason}</div>`,
        )}
        ${fact("Added", html`<sky-time .at=${worker.createdAt}></sky-time>`)}
        ${fact("Id", html`<code title=${worker.id}>${worker.id.slice(0, 16)}…</code><sky-copy .value=${worker.id} what="worker id"></sky-copy>`)}
      </dl>
    </section>`
  }

  private versions() {
    const { versions } = this.worker
    if (versions === null) return fact("Versions", "not known yet")
    const { agent, runtime, docker, nix, haproxy } = versions
    const all = [
      `agent ${agent} on ${runtime}`,
      docker && `Docker ${upstream(docker)}`,
      haproxy && `HAProxy ${upstream(haproxy)}`,
      nix && `Nix ${upstream(nix)}`,
    ]
    return fact(
      "Versions",
      all.filter(Boolean).map((version) => html`<div class="number">${version}</div>`),
    )
  }
}

const fact = (title: string, content: unknown) => html`<div>
  <dt>${title}</dt>
  <dd>${content}</dd>
</div>`
