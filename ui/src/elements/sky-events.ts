import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { eventLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"
import "./sky-state.ts"
import "./sky-time.ts"

/** What was done and by whom, newest first. */
@customElement("sky-events")
export class SkyEvents extends LitElement {
  @property({ attribute: false }) events: readonly AuditEvent[] = []
  /** Each says which worker it is about. */
  @property({ type: Boolean }) workers = false

  static override styles = [
    base,
    table,
    css`
      .what {
        display: flex;
        gap: 10px;
        align-items: baseline;
      }
      sky-state {
        position: relative;
        top: 1px;
      }
    `,
  ]

  override render() {
    return html`<div class="card table">
      <table>
        <thead>
          <tr>
            <th>What</th>
            ${this.workers ? html`<th>Worker</th>` : nothing}
            <th>By</th>
            <th>Kind</th>
            <th>When</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            this.events,
            ({ id }) => id,
            (event) => this.row(event),
          )}
        </tbody>
      </table>
    </div>`
  }

  private row({ at, actor, action, text, worker, tone }: AuditEvent) {
    return html`<tr>
      <td class="lead"><span class="what"><sky-state bare .look=${eventLook[tone]}></sky-state><span>${text}</span></span></td>
      ${
        this.workers
          ? html`<td data-label="Worker">
              ${worker === null ? "–" : html`<a href=${pathOf({ view: "worker", worker, tab: "overview" })}>${worker}</a>`}
            </td>`
          : nothing
      }
      <td data-label="By">${actor}</td>
      <td data-label="Kind"><code class="small">${action}</code></td>
      <td data-label="When" class="nowrap"><sky-time .at=${at}></sky-time></td>
    </tr>`
  }
}
