import { type HookDelivery, hookProviders } from "@skypanel/contract/Repository"
import { html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import type { OfService } from "../data/repository.ts"
import { pathOf } from "../domain/paths.ts"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"
import "./sky-empty.ts"
import "./sky-time.ts"

/** What a webhook delivered, newest first, and what came of it. */
@customElement("sky-hook-deliveries")
export class SkyHookDeliveries extends LitElement {
  @property({ attribute: false }) deliveries: readonly HookDelivery[] = []
  @property({ attribute: false }) of!: OfService

  static override styles = [base, table]

  override render() {
    if (this.deliveries.length === 0)
      return html`<sky-empty heading="Nothing was delivered yet">
        <p>Add the webhook to your Git host, then push: what comes of each push shows here.</p>
      </sky-empty>`
    return html`<div class="table">
      <table>
        <thead>
          <tr>
            <th>When</th>
            <th>Event</th>
            <th>Branch</th>
            <th>Commit</th>
            <th>Author</th>
            <th>What came of it</th>
          </tr>
        </thead>
        <tbody>
          ${this.deliveries.map((delivery) => this.row(delivery))}
        </tbody>
      </table>
    </div>`
  }

  private row(delivery: HookDelivery) {
    return html`<tr>
      <td data-label="When" class="nowrap"><sky-time .at=${delivery.at}></sky-time></td>
      <td data-label="Event">${hookProviders[delivery.provider].title}, ${delivery.event}</td>
      <td data-label="Branch">${delivery.branch ?? "–"}</td>
      <td data-label="Commit"><code>${delivery.revision?.slice(0, 10) ?? "–"}</code></td>
      <td data-label="Author">${delivery.author ?? "–"}</td>
      <td data-label="What came of it">${this.outcome(delivery)}</td>
    </tr>`
  }

  private outcome({ deployment, reason }: HookDelivery) {
    if (deployment === null) return html`<span class="muted">Not deployed: ${reason}</span>`
    const href = pathOf({ view: "deployment", ...this.of, number: deployment })
    return html`<a href=${href}>Deployment #${deployment}</a>`
  }
}
