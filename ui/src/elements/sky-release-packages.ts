import { formatSize } from "@skypanel/contract/Resources"
import { html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { asProblem } from "../data/problem.ts"
import { readPackages, readProvenance, readSbom } from "../data/releases.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { downloadText } from "./downloadText.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
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

  static override styles = [base, controls, table]

  override render() {
    const found = this.packages.value
    if (this.packages.problem && !found)
      return html`<sky-problem .problem=${this.packages.problem} retryable @retry=${() => this.packages.reload()}></sky-problem>`
    if (!found) return html`<sky-skeleton .rows=${4} .height=${32}></sky-skeleton>`
    return html`<section class="stack" aria-label="Packages of release ${found.release}">
      <div class="row wrap spread">
        <h2>
          Release #${found.release}: ${found.packages.length}
          ${found.packages.length === 1 ? "package" : "packages"}, ${formatSize(found.bytes)}
        </h2>
        <span class="row wrap">
          ${this.paper("Bill of materials", "sbom.cdx.json", readSbom)}
          ${this.paper("Provenance", "provenance.json", readProvenance)}
        </span>
      </div>
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

  private paper(
    title: string,
    file: string,
    read: (organization: string, service: string, number: number) => Promise<object>,
  ) {
    return html`<button @click=${() => this.download(`${this.service}-${this.release}.${file}`, read)}>
      ${icon("download")} ${title}
    </button>`
  }

  private async download(
    file: string,
    read: (organization: string, service: string, number: number) => Promise<object>,
  ): Promise<void> {
    try {
      const found = await read(this.organization, this.service, this.release)
      downloadText([JSON.stringify(found, null, 2)], file)
    } catch (error) {
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    }
  }
}
