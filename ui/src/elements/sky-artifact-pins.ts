import type { ArtifactPin } from "@skypanel/contract/Artifacts"
import { html, LitElement } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { pinArtifact, unpinArtifact } from "../data/artifacts.ts"
import { asProblem, type Problem } from "../data/problem.ts"
import { keptBy, readPinTarget } from "../domain/artifacts.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { artifactsStyle } from "../views/artifactsStyle.ts"
import { fire } from "./events.ts"
import { describedBy, errorAt, field, focusFirstWrong } from "./field.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-problem.ts"
import "./sky-time.ts"

/** What is kept whatever the budget says, and a form for more. Says `ordered` when something changed. */
@customElement("sky-artifact-pins")
export class SkyArtifactPins extends LitElement {
  @property({ attribute: false }) pins: readonly ArtifactPin[] = []
  @state() private target = ""
  @state() private reason = ""
  @state() private problem: Problem | null = null
  @state() private busy = false
  @state() private chosen: ArtifactPin | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  static override styles = [base, controls, table, artifactsStyle]

  override render() {
    return html`<div class="stack">
      ${
        this.pins.length === 0
          ? html`<p class="muted">Nothing is pinned. What runs, and what can be rolled back to, needs no pin.</p>`
          : this.list()
      }
      ${this.form()}
      <sky-confirm heading="Take the pin off?" verb="Unpin" .run=${() => this.unpin()}>
        <p><span class="path">${this.chosen === null ? "" : keptBy(this.chosen)}</span> is then kept no longer than anything else.</p>
      </sky-confirm>
    </div>`
  }

  private list() {
    return html`<div class="table">
      <table aria-label="Pins">
        <thead>
          <tr>
            <th>Keeps</th>
            <th>Reason</th>
            <th>By</th>
            <th>Since</th>
            <th><span class="hidden-text">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            this.pins,
            ({ id }) => id,
            (pin) => html`<tr>
              <td class="lead path">${keptBy(pin)}</td>
              <td data-label="Reason">${pin.reason}</td>
              <td data-label="By">${pin.createdBy}</td>
              <td data-label="Since" class="nowrap"><sky-time .at=${pin.createdAt}></sky-time></td>
              <td class="end">
                <button aria-label="Unpin ${keptBy(pin)}" @click=${() => this.ask(pin)}>Unpin</button>
              </td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`
  }

  private form() {
    const issues = this.problem?.issues ?? []
    const input = (id: string, path: string, value: string, put: (text: string) => void) =>
      html`<input
        id=${id}
        .value=${value}
        aria-invalid=${errorAt(issues, path) === null ? "false" : "true"}
        aria-describedby=${describedBy({ id, help: true, error: errorAt(issues, path) })}
        @input=${(event: Event) => put((event.target as HTMLInputElement).value)}
      />`
    return html`<form class="pin" novalidate @submit=${this.pin}>
        ${field(
          {
            id: "target",
            label: "Store path or release",
            help: "/nix/store/…, or organization/service:number",
            error: errorAt(issues, "target"),
          },
          input("target", "target", this.target, (text) => {
            this.target = text
          }),
        )}
        ${field(
          {
            id: "reason",
            label: "Reason",
            help: "For those who come after you",
            error: errorAt(issues, "reason"),
          },
          input("reason", "reason", this.reason, (text) => {
            this.reason = text
          }),
        )}
        <button type="submit" aria-disabled=${this.busy ? "true" : "false"}>Pin</button>
      </form>
      <sky-problem .problem=${this.problem}></sky-problem>`
  }

  private async pin(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    this.busy = true
    this.problem = null
    try {
      this.pins = await pinArtifact({ target: readPinTarget(this.target), reason: this.reason.trim() })
      fire(this, "sky-notice", { tone: "good", text: `${this.target.trim()} is pinned.` })
      this.target = ""
      this.reason = ""
      this.dispatchEvent(new Event("ordered"))
    } catch (error) {
      this.problem = asProblem(error)
      void this.updateComplete.then(() => focusFirstWrong(this.renderRoot))
    } finally {
      this.busy = false
    }
  }

  private ask(pin: ArtifactPin): void {
    this.chosen = pin
    void this.updateComplete.then(() => this.confirm.show())
  }

  private async unpin(): Promise<void> {
    if (this.chosen === null) return
    this.pins = await unpinArtifact(this.chosen.id)
    this.dispatchEvent(new Event("ordered"))
  }
}
