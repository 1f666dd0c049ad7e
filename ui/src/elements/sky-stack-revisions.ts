import type { Stack, StackRevision } from "@skypanel/contract/Stack"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { rollBackStack } from "../data/stacks.ts"
import { stackRevisionLook, stackStepLook } from "../domain/looks.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
import { secretsOfNow } from "./secretsOfNow.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-state.ts"
import "./sky-time.ts"

const kinds: Record<StackRevision["kind"], (revision: StackRevision) => string> = {
  create: () => "created",
  update: () => "updated",
  rollback: ({ target }) => `rolled back to #${target}`,
  rotate: ({ secret }) => `${secret} rotated`,
  return: ({ secret }) => `${secret} as before`,
}

/** What a stack was brought to, newest first, each with the way back to it. */
@customElement("sky-stack-revisions")
export class SkyStackRevisions extends LitElement {
  @property() organization = ""
  @property({ attribute: false }) stack!: Stack
  @state() private chosen = 0

  static override styles = [base, controls, table]

  override render() {
    const { revisions } = this.stack
    return html`<section aria-labelledby="heading" class="stack">
      <h2 id="heading">Revisions</h2>
      <div class="card table">
        <table>
          <thead>
            <tr>
              <th>Revision</th>
              <th>State</th>
              <th>Services</th>
              <th>By</th>
              <th>Started</th>
              <th><span class="hidden-text">Orders</span></th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              revisions,
              ({ number }) => number,
              (revision, at) => this.row(revision, at === 0),
            )}
          </tbody>
        </table>
      </div>
      <sky-confirm
        heading="Roll back to revision ${this.chosen}?"
        verb="Roll back"
        .run=${() => this.rollBack()}
        ><p>Every service gets the release that it had then. Data in volumes stays as it is.</p>
        ${secretsOfNow(revisions.find(({ number }) => number === this.chosen)?.secretsOfNow ?? [])}</sky-confirm
      >
    </section>`
  }

  private row(revision: StackRevision, newest: boolean) {
    const { number, kind, status, steps } = revision
    const busy = this.stack.state === "deploying" || this.stack.state === "deleting"
    const possible = status === "live" && !busy
    return html`<tr>
      <td class="lead number">#${number} <span class="small muted">${kinds[kind](revision)}</span></td>
      <td data-label="State"><sky-state bare .look=${stackRevisionLook[status]}></sky-state></td>
      <td data-label="Services">
        <span class="row wrap"
          >${steps.map(
            ({ key, state, detail }) =>
              html`<span class="row" title=${detail ?? nothing}><code>${key}</code><sky-state bare .look=${stackStepLook[state]}></sky-state></span>`,
          )}</span
        >
      </td>
      <td data-label="By" class="small">${revision.createdBy}</td>
      <td data-label="Started" class="nowrap"><sky-time .at=${revision.createdAt}></sky-time></td>
      <td class="end">
        ${
          newest && status === "live"
            ? nothing
            : html`<button
                aria-label="Roll back to revision ${number}"
                aria-disabled=${possible ? "false" : "true"}
                title=${possible ? nothing : busy ? "Wait for the revision that is under way." : "It never got live."}
                @click=${() => possible && this.ask(number)}
              >
                ${icon("back")} Roll back
              </button>`
        }
      </td>
    </tr>`
  }

  private ask(number: number): void {
    this.chosen = number
    void this.updateComplete.then(() => this.renderRoot.querySelector<SkyConfirm>("sky-confirm")!.show())
  }

  private async rollBack(): Promise<void> {
    await rollBackStack(this.organization, this.stack.name, this.chosen)
    fire(this, "sky-notice", { tone: "good", text: `Rolling back to revision #${this.chosen}.` })
  }
}
