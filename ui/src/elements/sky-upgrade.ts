import type { AgentUpgrade, Fleet } from "@skypanel/contract/Fleet"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, query } from "lit/decorators.js"
import { startUpgrade, stopUpgrade } from "../data/fleet.ts"
import { asProblem } from "../data/problem.ts"
import { upgradeLook, workerUpgradeLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { counted } from "../domain/workerUse.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
import "./sky-banner.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-state.ts"
import "./sky-time.ts"

/** Which agents are outdated, and the upgrade that brings them to this platform's version. */
@customElement("sky-upgrade")
export class SkyUpgrade extends LitElement {
  @property({ attribute: false }) fleet: Fleet | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  static override styles = [
    base,
    controls,
    css`
      details {
        margin-top: 8px;
      }
      summary {
        cursor: pointer;
        font-size: 13px;
        padding: 4px 0;
      }
      ul {
        display: grid;
        gap: 4px;
        max-height: 260px;
        overflow-y: auto;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 12px;
        align-items: center;
        min-height: 28px;
        font-size: 13px;
      }
      li sky-state {
        min-width: 92px;
      }
      .why {
        color: var(--sky-bad);
      }
    `,
  ]

  override willUpdate(): void {
    this.hidden = this.fleet === null || (this.fleet.outdated.length === 0 && !shown(this.fleet.upgrade))
  }

  override render() {
    const { fleet } = this
    if (fleet === null || this.hidden) return nothing
    const running = fleet.upgrade?.state === "running"
    return html`<sky-banner tone=${fleet.upgrade?.state === "failed" ? "warn" : "info"} heading=${heading(fleet)}>
        ${
          running
            ? html`<p>One worker at a time. Services do not restart when the agent does.</p>`
            : html`<p>This platform brings agent <span class="mono">${fleet.agentVersion}</span>.</p>`
        }
        ${shown(fleet.upgrade) ? this.progress(fleet.upgrade) : nothing}
        ${
          running
            ? html`<button slot="actions" @click=${this.stop}>${icon("stop")} Stop the upgrade</button>`
            : fleet.outdated.length === 0
              ? nothing
              : html`<button slot="actions" class="primary" @click=${() => this.confirm.show()}>
                  ${icon("redeploy")} Upgrade ${counted(fleet.outdated.length, "agent")}
                </button>`
        }
      </sky-banner>
      <sky-confirm heading="Upgrade the agents?" verb="Upgrade" .run=${() => this.start()}>
        <p>
          ${counted(fleet.outdated.length, "worker")} get agent ${fleet.agentVersion}, one after the other. The first
          that does not report back ends it and goes back to the version before. Services go on running meanwhile.
        </p>
      </sky-confirm>`
  }

  private progress(upgrade: AgentUpgrade) {
    const ended = upgrade.workers.filter(({ state }) => state !== "waiting" && state !== "upgrading").length
    return html`${upgrade.reason === "" ? nothing : html`<p class="why">${upgrade.reason}</p>`}
      <details ?open=${upgrade.state !== "done"}>
        <summary>
          ${ended} of ${counted(upgrade.workers.length, "worker")} · started by ${upgrade.startedBy}
          <sky-time .at=${upgrade.startedAt}></sky-time>
          <sky-state bare .look=${upgradeLook[upgrade.state]}></sky-state>
        </summary>
        <ul>
          ${upgrade.workers.map(
            ({ worker, state, from, detail }) => html`<li>
              <sky-state bare .look=${workerUpgradeLook[state]}></sky-state>
              <a href=${pathOf({ view: "worker", worker, tab: "overview" })}>${worker}</a>
              <span class="small muted">from <span class="mono">${from ?? "unknown"}</span></span>
              ${detail === "" ? nothing : html`<span class="small">${detail}</span>`}
            </li>`,
          )}
        </ul>
      </details>`
  }

  private async start(): Promise<void> {
    await startUpgrade()
    this.dispatchEvent(new Event("ordered"))
  }

  private async stop(): Promise<void> {
    try {
      await stopUpgrade()
      this.dispatchEvent(new Event("ordered"))
    } catch (error) {
      fire(this, "sky-notice", { tone: "bad", text: asProblem(error).message })
    }
  }
}

/** One that went well is no news. */
const shown = (upgrade: AgentUpgrade | null): upgrade is AgentUpgrade =>
  upgrade !== null && upgrade.state !== "done"

const heading = ({ upgrade, outdated, agentVersion }: Fleet): string => {
  const agents = `${counted(outdated.length, "agent")} run${outdated.length === 1 ? "s" : ""} another version`
  if (upgrade?.state === "running") return `Agents are being upgraded to ${upgrade.version}`
  if (upgrade?.state === "failed") return `The upgrade to ${upgrade.version} has ended badly`
  if (upgrade?.state === "stopped" && outdated.length > 0) return `The upgrade was stopped: ${agents}`
  return outdated.length === 0 ? `Agents run ${agentVersion}` : agents
}
