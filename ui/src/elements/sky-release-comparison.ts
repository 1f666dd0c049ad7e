import type {
  ConfigurationChange,
  PackageChange,
  ReleaseComparison,
} from "@skypanel/contract/ReleaseComparison"
import { formatSize } from "@skypanel/contract/Resources"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { compareReleases } from "../data/releases.ts"
import { packageLook, sizeChange, versionsText } from "../domain/comparison.ts"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"
import "./sky-problem.ts"
import "./sky-skeleton.ts"

/** What changed from one release to another. */
@customElement("sky-release-comparison")
export class SkyReleaseComparison extends LitElement {
  @property() organization = ""
  @property() service = ""
  @property({ type: Number }) from = 0
  @property({ type: Number }) to = 0

  private readonly comparison = new Resource(this, {
    key: () => [this.organization, this.service, this.from, this.to] as const,
    read: (key, signal) => compareReleases(...key, signal),
  })

  static override styles = [
    base,
    table,
    css`
      .good {
        color: var(--sky-good);
      }
      .bad {
        color: var(--sky-bad);
      }
      .what {
        font-weight: 550;
      }
    `,
  ]

  override render() {
    const found = this.comparison.value
    if (this.comparison.problem && !found)
      return html`<sky-problem .problem=${this.comparison.problem} retryable @retry=${() => this.comparison.reload()}></sky-problem>`
    if (!found) return html`<sky-skeleton .rows=${4} .height=${32}></sky-skeleton>`
    return html`<section class="stack" aria-label="Comparison">
      <h2>From release #${found.before} to #${found.after}</h2>
      ${this.configuration(found.configuration)} ${this.packages(found.closure)}
    </section>`
  }

  private configuration(changes: readonly ConfigurationChange[]) {
    if (changes.length === 0) return html`<p class="muted">The same configuration.</p>`
    return html`<div class="card table">
      <table>
        <thead>
          <tr>
            <th>Configuration</th>
            <th>Before</th>
            <th>After</th>
          </tr>
        </thead>
        <tbody>
          ${changes.map(
            ({ field, variable, before, after }) => html`<tr>
              <td class="lead">${variable === null ? field : html`${field} <code>${variable}</code>`}</td>
              <td data-label="Before"><code>${before ?? "–"}</code></td>
              <td data-label="After"><code>${after ?? "–"}</code></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`
  }

  private packages(closure: ReleaseComparison["closure"]) {
    if (closure === null)
      return html`<p class="muted">What they were made of is not in the store any more.</p>`
    const { bytesBefore, bytesAfter, packages, rebuilt } = closure
    return html`${packages.length === 0 ? html`<p class="muted">The same packages.</p>` : this.table(packages)}
      <p class="small muted number">
        ${rebuilt === 0 ? nothing : `${rebuilt} more built anew, of the same version and size. `}In all
        ${formatSize(bytesBefore)} → ${formatSize(bytesAfter)}, ${sizeChange(bytesAfter - bytesBefore)}.
      </p>`
  }

  private table(packages: readonly PackageChange[]) {
    return html`<div class="card table">
      <table>
        <thead>
          <tr>
            <th>Package</th>
            <th>Change</th>
            <th>Before</th>
            <th>After</th>
            <th class="end">Size</th>
          </tr>
        </thead>
        <tbody>
          ${packages.map((change) => {
            const { word, tone } = packageLook(change)
            return html`<tr>
              <td class="lead"><code>${change.name}</code></td>
              <td data-label="Change" class="what ${tone}">${word}</td>
              <td data-label="Before" class="number">${versionsText(change.before)}</td>
              <td data-label="After" class="number">${versionsText(change.after)}</td>
              <td data-label="Size" class="end number nowrap">
                ${sizeChange((change.after?.bytes ?? 0) - (change.before?.bytes ?? 0))}
              </td>
            </tr>`
          })}
        </tbody>
      </table>
    </div>`
  }
}
