import type { FleetPolicy } from "@skypanel/contract/Fleet"
import { formatSize } from "@skypanel/contract/Resources"
import { shortDigest } from "@skypanel/contract/shortDigest"
import type { WorkerImages } from "@skypanel/contract/WorkerImages"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"
import "./sky-bar.ts"
import "./sky-time.ts"

const shareOf = (part: number, all: number) => (all === 0 ? 0 : Math.min(1, part / all))

/** What the platform's images take on a worker, from when on it removes some, and which it removed lately. */
@customElement("sky-stored-images")
export class SkyStoredImages extends LitElement {
  @property({ attribute: false }) images!: WorkerImages
  @property({ attribute: false }) policy: FleetPolicy["images"] | null = null

  static override styles = [
    base,
    table,
    css`
      .bars {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
        gap: 16px 24px;
      }
      .words {
        padding-block: 12px;
      }
      .problem {
        color: var(--sky-bad);
      }
    `,
  ]

  override render() {
    const { bytes, count, spare, disk, removed, problem } = this.images
    return html`<div class="bars">
        <div>
          <h3>Images</h3>
          <sky-bar
            label="Images of the disk"
            .share=${shareOf(bytes, disk.totalBytes)}
            text="up to ${formatSize(bytes)} of ${formatSize(disk.totalBytes)}"
          ></sky-bar>
        </div>
        <div>
          <h3>Their disk, with all that is on it</h3>
          <sky-bar
            label="Disk in use"
            .share=${shareOf(disk.usedBytes, disk.totalBytes)}
            text="${formatSize(disk.usedBytes)} of ${formatSize(disk.totalBytes)}"
          ></sky-bar>
        </div>
      </div>
      <p class="words muted">
        ${count === 1 ? "1 image" : `${count} images`}, of which ${spare} can be spared.
        ${this.limits()} ${removed.length === 0 ? "None was removed lately." : nothing}
      </p>
      ${problem === null ? nothing : html`<p class="problem">One could not be removed, and is tried again: ${problem}</p>`}
      ${removed.length === 0 ? nothing : this.list(removed)}`
  }

  private limits() {
    if (this.policy === null) return nothing
    const { mostMiB, diskPercent } = this.policy
    const budget = mostMiB === 0 ? "" : `images take more than ${formatSize(mostMiB * 1024 ** 2)}, or `
    return `They go when ${budget}more than ${diskPercent} % of the disk is in use, those that were not used for the longest first.`
  }

  private list(removed: WorkerImages["removed"]) {
    return html`<div class="table">
      <table aria-label="Removed lately">
        <thead>
          <tr>
            <th>Removed, of</th>
            <th>Image</th>
            <th class="end">Freed</th>
            <th>When</th>
          </tr>
        </thead>
        <tbody>
          ${removed.map(
            ({ service, organization, digest, freedBytes, at }) => html`<tr>
              <td class="lead">${service === null ? html`<span class="muted">a service that is deleted</span>` : `${organization}/${service}`}</td>
              <td data-label="Image"><code title=${digest}>${shortDigest(digest)}</code></td>
              <td data-label="Freed" class="end">${formatSize(freedBytes)}</td>
              <td data-label="When" class="nowrap"><sky-time .at=${at}></sky-time></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`
  }
}
