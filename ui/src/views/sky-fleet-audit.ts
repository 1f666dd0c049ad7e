import { css, html, LitElement, nothing } from "lit"
import { customElement, state } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readAudit } from "../data/fleet.ts"
import { matchesWords } from "../domain/search.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-events.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-skeleton.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** What was done to the fleet, and by whom. */
@customElement("sky-fleet-audit")
export class SkyFleetAudit extends LitElement {
  @state() private text = ""

  private readonly events = new Resource(this, {
    key: () => ["audit"] as const,
    read: (_, signal) => readAudit(signal),
    onFleet: ({ kind }) => kind !== "measurements",
  })

  static override styles = [
    base,
    controls,
    css`
      input {
        width: min(280px, 100%);
      }
    `,
  ]

  override render() {
    const events = this.events.value
    return html`<div class="stack">
      <div class="row wrap spread">
        <div>
          <h1>Audit</h1>
          <p class="muted">The newest hundred. What is written here is never changed.</p>
        </div>
        <input
          type="search"
          aria-label="Search the events"
          placeholder="Worker, person or kind"
          .value=${this.text}
          @input=${(event: Event) => {
            this.text = (event.target as HTMLInputElement).value
          }}
        />
      </div>
      <sky-problem .problem=${this.events.problem} retryable @retry=${() => this.events.reload()}></sky-problem>
      ${
        events
          ? this.list(events)
          : this.events.problem
            ? nothing
            : html`<sky-skeleton .rows=${6} .height=${44}></sky-skeleton>`
      }
    </div>`
  }

  private list(events: NonNullable<typeof this.events.value>) {
    if (events.length === 0)
      return html`<sky-empty heading="Nothing yet"><p>Each order for the fleet, and each use of a token, is written down here.</p></sky-empty>`
    const found = events.filter(({ actor, action, text, worker }) =>
      matchesWords(`${actor} ${action} ${text} ${worker ?? ""}`, this.text.trim()),
    )
    return found.length === 0
      ? html`<p class="muted">No event has that in it.</p>`
      : html`<sky-events workers .events=${found}></sky-events>`
  }
}
