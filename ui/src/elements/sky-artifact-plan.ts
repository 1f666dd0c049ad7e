import type { ArtifactPlan } from "@skypanel/contract/Artifacts"
import { formatSize } from "@skypanel/contract/Resources"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readArtifactPlan } from "../data/artifacts.ts"
import { counted } from "../domain/workerUse.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { artifactsStyle } from "../views/artifactsStyle.ts"
import "./sky-problem.ts"
import "./sky-skeleton.ts"

/** More are not looked at one by one. */
const pathsShown = 10

/** What a collection would do now, and why. */
@customElement("sky-artifact-plan")
export class SkyArtifactPlan extends LitElement {
  /** When this is another, it is worked out again: that takes the platform a while, so not at each step of a run. */
  @property() since = ""

  private readonly plan = new Resource(this, {
    key: () => [this.since] as const,
    read: (_, signal) => readArtifactPlan(signal),
    keep: true,
  })

  static override styles = [base, controls, table, artifactsStyle]

  override render() {
    const plan = this.plan.value
    if (this.plan.problem && !plan)
      return html`<sky-problem .problem=${this.plan.problem} retryable @retry=${() => this.plan.reload()}></sky-problem>`
    if (!plan) return html`<sky-skeleton .rows=${2} .height=${32}></sky-skeleton>`
    return html`<div class="stack">
      <p>${words(plan)}</p>
      ${plan.overBytes > 0 ? html`<p class="gone">What is kept is ${formatSize(plan.overBytes)} over the budget: there has to be more room, or less is kept.</p>` : nothing}
      ${plan.images.length > 0 ? images(plan) : nothing} ${plan.largest.length > 0 ? paths(plan) : nothing}
    </div>`
  }
}

const words = (plan: ArtifactPlan): string => {
  const now =
    plan.images.length + plan.paths === 0
      ? "Nothing would be buried: something leads to all that is here."
      : `${counted(plan.images.length, "image")} and ${counted(plan.paths, "path")} (${formatSize(plan.bytes)}) would be buried: answered no more, deleted after the grace time.`
  return plan.duePaths === 0
    ? now
    : `${now} ${plan.duePaths} that were buried before (${formatSize(plan.dueBytes)}) would be deleted.`
}

const images = ({ images }: ArtifactPlan) => html`<div class="table">
  <table aria-label="Images that would go">
    <thead>
      <tr>
        <th>Service</th>
        <th>Releases</th>
        <th>Image</th>
        <th>Goes because</th>
      </tr>
    </thead>
    <tbody>
      ${images.map(
        (image) => html`<tr>
          <td class="lead">${image.organization}/${image.service}</td>
          <td data-label="Releases" class="number">${image.releases.map((number) => `#${number}`).join(", ") || "none"}</td>
          <td data-label="Image"><code>${shortDigest(image.imageDigest)}</code></td>
          <td data-label="Goes because">${image.reason}</td>
        </tr>`,
      )}
    </tbody>
  </table>
</div>`

const paths = ({ largest, paths }: ArtifactPlan) => html`<div class="table">
  <table aria-label="The largest paths that would go">
    <thead>
      <tr>
        <th>Nothing leads to${paths > pathsShown ? `, the largest ${pathsShown} of ${paths}` : ""}</th>
        <th class="end">Size</th>
      </tr>
    </thead>
    <tbody>
      ${largest.slice(0, pathsShown).map(
        ({ storePath, bytes }) => html`<tr>
          <td class="lead path">${storePath}</td>
          <td data-label="Size" class="end number nowrap">${formatSize(bytes)}</td>
        </tr>`,
      )}
    </tbody>
  </table>
</div>`
