import { formatSize } from "@skypanel/contract/Resources"
import { html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readPackages } from "../data/releases.ts"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"
import "./sky-problem.ts"
import "./sky-skeleton.ts"

/** What a release is made of. */
@customElement("sky-release-packages")
export class SkyReleasePackages extends LitElement {
  @property() organization = ""
  @property() service = ""
  @property({ type: Number }) release = 0

  private readonly packages = new Resource(this, {
    key: () => [this.organization, this.service, this.release] as const,
    read: (key, signal) => readPackages(...key, signal),
  })

  static override styles = [base, table]

  override render() {
    const found = this.packages.value
    if (this.packages.problem && !found)
      return html`<sky-problem .problem=${this.packages.problem} retryable @retry=${() => this.packages.reload()}></sky-problem>`
    if (!found) return html`<sky-skeleton .rows=${4} .height=${32}></sky-skeleton>`
    return html`<section class="stack" aria-label="Packages of release ${found.release}">
      <h2>
        Release #${found.release}: ${found.packages.length}
        ${found.packages.length === 1 ? "package" : "packages"}, ${formatSize(found.bytes)}
      </h2>
      <div class="card table">
        <table>
          <thead>
            <tr>
              <th>Package</th>
              <th>Version</th>
              <th class="end">Size</th>
            </tr>
          </thead>
          <tbody>
            ${found.packages.map(
              ({ name, version, bytes }) => html`<tr>
                <td class="lead"><code>${name}</code></td>
                <td data-label="Version" class="number">${version ?? "–"}</td>
                <td data-label="Size" class="end number nowrap">${formatSize(bytes)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`
  }
}
