import type { TemplateState } from "@skypanel/contract/Template"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { templateLook } from "../domain/looks.ts"
import { type VersionOrder, versionOrders } from "../domain/versionOrders.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import "./sky-state.ts"
import "./sky-time.ts"

/** A version of a template or stack, as far as the list of them shows it. */
export interface VersionRow {
  readonly number: number
  readonly state: TemplateState
  readonly progress: string | null
  /** There is a trial to look at. */
  readonly tried: boolean
  readonly createdBy: string
  readonly createdAt: string
}

/** The versions of a template or stack, newest first. Says `order`, `log` and `compare` with what was asked for. */
@customElement("sky-versions")
export class SkyVersions extends LitElement {
  @property() name = ""
  @property({ attribute: false }) versions: readonly VersionRow[] = []
  /** Whose trial is shown. */
  @property({ attribute: false }) shown: number | null = null
  @property({ type: Boolean }) busy = false

  static override styles = [base, controls, table]

  override render() {
    return html`<div class="table">
      <table aria-label="Versions of ${this.name}">
        <thead>
          <tr>
            <th>Version</th>
            <th>State</th>
            <th>By</th>
            <th>Since</th>
            <th><span class="hidden-text">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            this.versions,
            ({ number }) => number,
            (version, at) => this.row(version, at === this.versions.length - 1),
          )}
        </tbody>
      </table>
    </div>`
  }

  private row({ number, state, progress, tried, createdBy, createdAt }: VersionRow, isOldest: boolean) {
    return html`<tr>
      <td class="lead">Version ${number}</td>
      <td data-label="State">
        <sky-state bare .look=${templateLook[state]}></sky-state>
        ${progress === null ? nothing : html`<span class="small muted">${progress}</span>`}
      </td>
      <td data-label="By">${createdBy}</td>
      <td data-label="Since" class="nowrap"><sky-time .at=${createdAt}></sky-time></td>
      <td class="end">
        ${
          tried
            ? html`<button
                class="quiet"
                aria-label="Log: version ${number}"
                aria-pressed=${this.shown === number ? "true" : "false"}
                @click=${() => this.fire("log", number)}
              >
                Log
              </button>`
            : nothing
        }
        ${
          isOldest
            ? nothing
            : html`<button
                class="quiet"
                aria-label="Compare version ${number} with the one before"
                @click=${() => this.fire("compare", number)}
              >
                Compare
              </button>`
        }
        ${versionOrders[state].map(
          ([order, word]) => html`<button
            aria-label="${word}: version ${number}"
            aria-disabled=${this.busy ? "true" : "false"}
            @click=${() => this.busy || this.fire("order", { number, order })}
          >
            ${word}
          </button>`,
        )}
      </td>
    </tr>`
  }

  private fire(
    name: "order" | "log" | "compare",
    detail: number | { readonly number: number; readonly order: VersionOrder },
  ): void {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}
