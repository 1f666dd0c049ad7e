import { formatSize } from "@skypanel/contract/Resources"
import type { Worker } from "@skypanel/contract/Worker"
import { html, LitElement, nothing } from "lit"
import { customElement } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { readWorkers } from "../data/workers.ts"
import { workerLook } from "../domain/looks.ts"
import "../elements/sky-bar.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { workersStyle } from "./workersStyle.ts"

/** The machines that run services and build them. */
@customElement("sky-workers")
export class SkyWorkers extends LitElement {
  private readonly workers = new Resource(this, {
    key: () => ["workers"] as const,
    read: (_, signal) => readWorkers(signal),
    on: (change) => change.kind === "worker" || change.kind === "service",
  })

  static override styles = [base, controls, table, workersStyle]

  override render() {
    const workers = this.workers.value
    return html`<div class="stack">
      <h1>Workers</h1>
      <sky-problem .problem=${this.workers.problem} retryable @retry=${() => this.workers.reload()}></sky-problem>
      ${
        workers
          ? workers.length === 0
            ? html`<sky-empty heading="No worker yet">
                <p>A worker is a machine with our agent: it builds services and runs them. Nothing can be deployed without one.</p>
              </sky-empty>`
            : this.list(workers)
          : this.workers.problem
            ? nothing
            : html`<sky-skeleton .rows=${3} .height=${84}></sky-skeleton>`
      }
    </div>`
  }

  private list(workers: readonly Worker[]) {
    return html`<div class="card table" role="region" aria-label="Workers" tabindex="0">
      <table>
        <thead>
          <tr>
            <th>Worker</th>
            <th>State</th>
            <th>CPU</th>
            <th>Memory</th>
            <th>Disk</th>
            <th>Runs</th>
            <th>Packages</th>
            <th>Versions</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            workers,
            ({ id }) => id,
            (worker) => this.row(worker),
          )}
        </tbody>
      </table>
    </div>`
  }

  private row(worker: Worker) {
    return html`<tr>
      <td class="lead">
        <div>
          <span class="name">${worker.name}</span>
          <div class="row wrap tags">
            ${worker.development ? html`<span class="tag">development</span>` : nothing}
            ${worker.roles.map((role) => html`<span class="tag">${role}</span>`)}
          </div>
        </div>
      </td>
      <td data-label="State">
        <div>
          <sky-state .look=${workerLook[worker.state]}></sky-state>
          <div class="versions">
            ${worker.lastHeartbeatAt === null ? "never heard from" : html`heard <sky-time .at=${worker.lastHeartbeatAt}></sky-time>`}
          </div>
        </div>
      </td>
      ${this.usage(worker)}
      <td data-label="Runs" class="number nowrap">
        <div>${counted(worker.instances, "instance")}<br />${counted(worker.builds, "build")}</div>
      </td>
      <td data-label="Packages">${this.packages(worker)}</td>
      <td data-label="Versions">${this.versions(worker)}</td>
    </tr>`
  }

  private usage(worker: Worker) {
    const { capacity, health } = worker
    if (!capacity)
      return html`<td data-label="CPU">–</td>
        <td data-label="Memory">–</td>
        <td data-label="Disk">–</td>`
    const bar = (label: string, used: number | undefined, all: number) =>
      html`<td data-label=${label}>
        <sky-bar
          label="${label} of ${worker.name}"
          .share=${used === undefined ? 0 : used / all}
          text=${used === undefined ? formatSize(all) : `${formatSize(used)} of ${formatSize(all)}`}
        ></sky-bar>
      </td>`
    return html`<td data-label="CPU">
        <sky-bar
          label="CPU of ${worker.name}"
          .share=${(health?.cpuPercent ?? 0) / 100}
          text=${health ? `${Math.round(health.cpuPercent)} % of ${capacity.cpu} cores` : `${capacity.cpu} cores`}
        ></sky-bar>
      </td>
      ${bar("Memory", health?.memoryUsedBytes, capacity.memoryBytes)}
      ${bar("Disk", health?.diskUsedBytes, capacity.diskBytes)}`
  }

  private packages(worker: Worker) {
    if (!worker.packageSet) return "–"
    const { kind, reference, reason } = worker.packageSet
    return html`<div class="set">
      <span class="name">${kind}</span>
      <div class="versions clip" title=${reference}>${reference}</div>
      <div class="versions">${reason}</div>
    </div>`
  }

  private versions(worker: Worker) {
    if (!worker.versions) return "–"
    const { agent, runtime, docker, nix, haproxy } = worker.versions
    const all = [
      `agent ${agent}`,
      runtime,
      docker && `Docker ${upstream(docker)}`,
      nix && `Nix ${upstream(nix)}`,
      haproxy && `HAProxy ${upstream(haproxy)}`,
    ]
    return html`<div class="versions number">${all.filter(Boolean).map((version) => html`<div class="version">${version}</div>`)}</div>`
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

/** `2.6.12-1+deb12u4` is 2.6.12 as its makers count. */
const upstream = (version: string): string => version.split(/[-+]/)[0]!
