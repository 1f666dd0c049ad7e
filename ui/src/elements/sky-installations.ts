import type { Installation } from "@skypanel/contract/Installation"
import { css, html, LitElement, nothing } from "lit"
import { customElement, query, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Clock } from "../app/Clock.ts"
import { Resource } from "../app/Resource.ts"
import { readInstallations, revokeInstallation } from "../data/installations.ts"
import { isUsable } from "../domain/installationProgress.ts"
import { installationLook } from "../domain/looks.ts"
import { formatLeft } from "../domain/time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-state.ts"
import "./sky-time.ts"

/** Commands that were made before and can still be used, each with a way to end it. */
@customElement("sky-installations")
export class SkyInstallations extends LitElement {
  @state() private chosen: Installation | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  private readonly installations = new Resource(this, {
    key: () => ["installations"] as const,
    read: (_, signal) => readInstallations(signal),
    onFleet: ({ kind }) => kind === "installation",
  })

  private readonly clock = new Clock(this, () => (this.usable.length > 0 ? 10_000 : null))

  static override styles = [
    base,
    controls,
    table,
    css`
      h2 {
        padding: 12px 12px 4px;
      }
    `,
  ]

  private get usable(): readonly Installation[] {
    return (this.installations.value ?? []).filter(isUsable)
  }

  override render() {
    const { usable } = this
    if (usable.length === 0) return nothing
    return html`<section class="card table" aria-labelledby="open">
        <h2 id="open">Commands that still work</h2>
        <table>
          <thead>
            <tr><th>For</th><th>State</th><th>Made by</th><th>Left</th><th><span class="hidden-text">Actions</span></th></tr>
          </thead>
          <tbody>
            ${repeat(
              usable,
              ({ id }) => id,
              (installation) => this.row(installation),
            )}
          </tbody>
        </table>
      </section>
      <sky-confirm
        heading="Revoke the command for ${this.chosen ? nameOf(this.chosen) : ""}?"
        verb="Revoke"
        dangerous
        .run=${() => this.revoke()}
      >
        <p>It stops working at once, wherever it was copied to.</p>
      </sky-confirm>`
  }

  private row(installation: Installation) {
    return html`<tr>
      <td class="lead">${nameOf(installation)}</td>
      <td data-label="State"><sky-state bare .look=${installationLook[installation.state]}></sky-state></td>
      <td data-label="Made by"><span>${installation.createdBy} <sky-time .at=${installation.createdAt}></sky-time></span></td>
      <td data-label="Left" class="number nowrap">${formatLeft(Date.parse(installation.expiresAt), this.clock.now)}</td>
      <td class="end">
        <button aria-label="Revoke the command for ${nameOf(installation)}" @click=${() => this.ask(installation)}>
          ${icon("close")} Revoke
        </button>
      </td>
    </tr>`
  }

  private ask(installation: Installation): void {
    this.chosen = installation
    void this.updateComplete.then(() => this.confirm.show())
  }

  private async revoke(): Promise<void> {
    if (this.chosen === null) return
    await revokeInstallation(this.chosen.id)
    fire(this, "sky-notice", { tone: "good", text: "The command does not work any more." })
    this.installations.reload()
  }
}

const nameOf = ({ name, replaces }: Installation): string =>
  replaces === null ? (name ?? "a machine by its host name") : `a new identity of ${replaces}`
