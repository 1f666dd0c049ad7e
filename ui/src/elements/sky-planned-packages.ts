import { type PackagePlan, packageStates } from "@skypanel/contract/Check"
import { formatSize } from "@skypanel/contract/Resources"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { matching, totalsOf } from "../domain/plan.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"

/** Every package that a source resolves to, before it is deployed. */
@customElement("sky-planned-packages")
export class SkyPlannedPackages extends LitElement {
  @property({ attribute: false }) plan!: PackagePlan
  /** A newer text is being looked at. */
  @property({ type: Boolean, reflect: true }) old = false
  @state() private words = ""

  static override styles = [
    base,
    controls,
    table,
    css`
      :host([old]) .table {
        opacity: 0.6;
      }
      .table {
        max-height: 320px;
        overflow-y: auto;
      }
      input {
        max-width: 220px;
      }
      .to-build {
        color: var(--sky-warn);
      }
      td.more {
        display: table-cell;
        text-align: start;
      }
    `,
  ]

  override render() {
    const { plan } = this
    const { bytesToFetch, packages } = plan.totals
    const shown = matching(plan.packages, this.words)
    const more = packages - plan.packages.length
    return html`<section class="stack" aria-label="Packages">
      <div class="row wrap spread">
        <p>
          <strong>${plan.name}${plan.version === null ? "" : ` ${plan.version}`}</strong>, ${packageStates[plan.state]}:
          <span class="number">${totalsOf(plan).join(" · ")}</span>
          ${bytesToFetch > 0 ? html`<span class="number"> · ${formatSize(bytesToFetch)} to fetch</span>` : nothing}
        </p>
        <input
          type="search"
          aria-label="Filter packages"
          placeholder="Filter packages"
          .value=${this.words}
          @input=${(event: Event) => {
            this.words = (event.target as HTMLInputElement).value
          }}
        />
      </div>
      ${plan.packages.length === 0 ? nothing : this.list(shown, more)}
    </section>`
  }

  private list(shown: PackagePlan["packages"], more: number) {
    return html`<div class="card table" tabindex="0" role="region" aria-label="List of packages">
      <table>
        <thead>
          <tr>
            <th>Package</th>
            <th>Version</th>
            <th class="end">Size</th>
            <th>Where</th>
            <th>Needed by</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            ({ name, version, bytes, state, direct }) => html`<tr>
              <td class="lead"><code>${name}</code></td>
              <td data-label="Version" class="number">${version ?? "–"}</td>
              <td data-label="Size" class="end number nowrap">${bytes === null ? "–" : formatSize(bytes)}</td>
              <td data-label="Where" class="nowrap ${state}">${packageStates[state]}</td>
              <td data-label="Needed by" class="nowrap">${direct ? "the expression" : "another package"}</td>
            </tr>`,
          )}
          ${
            shown.length === 0
              ? html`<tr><td class="more muted" colspan="5">No package has these words.</td></tr>`
              : nothing
          }
          ${
            more > 0
              ? html`<tr><td class="more muted" colspan="5">and ${more} more, which are not named</td></tr>`
              : nothing
          }
        </tbody>
      </table>
    </div>`
  }
}
