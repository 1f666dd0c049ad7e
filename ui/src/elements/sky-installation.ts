import type { CreatedInstallation, Installation } from "@skypanel/contract/Installation"
import { html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { Clock } from "../app/Clock.ts"
import { holdBack } from "../app/leaving.ts"
import { Resource } from "../app/Resource.ts"
import { readInstallation, revokeInstallation } from "../data/installations.ts"
import { readWorker } from "../data/workers.ts"
import { adviceFor, hasArrived, isUsable, type StageName, stagesOf } from "../domain/installationProgress.ts"
import { formatLeft } from "../domain/time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { installation } from "../style/installation.ts"
import { segments as segmentsStyle } from "../style/segments.ts"
import { icon } from "./icons.ts"
import { segments } from "./segments.ts"
import "./sky-code.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"
import "./sky-problem.ts"
import "./sky-stages.ts"

declare global {
  interface HTMLElementEventMap {
    /** The worker of this name used the installation and is there. */
    arrived: CustomEvent<string>
  }
}

type Way = "command" | "nixos"
const ways: readonly { readonly value: Way; readonly title: string }[] = [
  { value: "command", title: "A fresh server" },
  { value: "nixos", title: "My own NixOS" },
]

/** The command for one machine, shown once, and how far the machine has come with it. */
@customElement("sky-installation")
export class SkyInstallation extends LitElement {
  @property({ attribute: false }) created!: CreatedInstallation
  @state() private way: Way = "command"
  @query("sky-confirm") private readonly confirm!: SkyConfirm
  private stage: StageName = "run"
  private stageSince = Date.now()
  private told = false
  /** Its time has passed, and what the platform says of it was read again. */
  private expiryRead = false
  private release: (() => void) | null = null

  private readonly current = new Resource(this, {
    key: () => [this.created.installation.id] as const,
    read: ([id], signal) => readInstallation(id, signal),
    onFleet: ({ kind }) => kind === "installation" || kind === "worker",
  })

  private readonly worker = new Resource(this, {
    key: () => (this.installation.worker === null ? null : ([this.installation.worker] as const)),
    read: ([name], signal) => readWorker(name, signal),
    onFleet: ({ kind }) => kind === "worker" || kind === "installation",
  })

  private readonly clock = new Clock(this, () => (this.over ? null : 1000))

  static override styles = [base, controls, segmentsStyle, installation]

  private get installation(): Installation {
    return this.current.value ?? this.created.installation
  }

  private get arrived(): boolean {
    return hasArrived(this.installation, this.worker.value ?? null)
  }

  private get over(): boolean {
    return this.arrived || this.installation.state === "expired" || this.installation.state === "revoked"
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.release?.()
    this.release = null
  }

  override willUpdate(): void {
    const stage = stagesOf(this.installation, this.worker.value ?? null).find(
      ({ state }) => state === "running",
    )
    if (stage && stage.name !== this.stage) {
      this.stage = stage.name
      this.stageSince = Date.now()
    }
  }

  override updated(): void {
    const usable = isUsable(this.installation)
    if (usable) this.release ??= holdBack(onlyOnce)
    else {
      this.release?.()
      this.release = null
    }
    if (usable && !this.expiryRead && this.clock.now > Date.parse(this.installation.expiresAt)) {
      this.expiryRead = true
      this.current.reload()
    }
    if (!this.arrived || this.told) return
    this.told = true
    this.dispatchEvent(new CustomEvent("arrived", { detail: this.installation.worker! }))
  }

  override render() {
    const { installation } = this
    return html`<div class="stack">
      ${isUsable(installation) ? this.instructions() : nothing}
      <section class="card" aria-labelledby="progress">
        <div class="row wrap spread">
          <h2 id="progress">${this.heading()}</h2>
          ${isUsable(installation) ? this.validity() : nothing}
        </div>
        ${this.progress()}
        <sky-problem .problem=${this.current.problem} retryable @retry=${() => this.current.reload()}></sky-problem>
        <slot></slot>
      </section>
      <sky-confirm heading="Revoke this installation?" verb="Revoke" dangerous .run=${() => this.revoke()}>
        <p>The command stops working at once, wherever it was copied to.</p>
      </sky-confirm>
    </div>`
  }

  private instructions() {
    return html`<section class="card" aria-labelledby="command">
      <div class="row wrap spread">
        <h2 id="command">${this.way === "command" ? "Paste this into a root shell of the machine" : "Add this to its configuration"}</h2>
        ${segments("Kind of machine", ways, this.way, (way) => {
          this.way = way
        })}
      </div>
      ${this.way === "command" ? this.command() : this.nixos()}
      <p class="once small">${icon("key")} It holds a token that works once and is shown only now.</p>
    </section>`
  }

  private command() {
    return html`<sky-code .value=${this.created.command} what="command"></sky-code>
      <p class="help">
        For Debian, Ubuntu and NixOS. On anything else it says so and changes nothing. It is safe to run twice, and
        <code>skypanel-agent uninstall</code> undoes it.
      </p>
      <details>
        <summary>Read the script first</summary>
        <sky-code .value=${this.created.script} what="script" file="skypanel-worker.sh"></sky-code>
      </details>`
  }

  private nixos() {
    return html`<sky-code .value=${this.created.nixos} what="NixOS configuration"></sky-code>
      <p class="help">Put the token where tokenFile points, readable by root only, then run nixos-rebuild switch.</p>`
  }

  private heading(): string {
    if (this.arrived) return `${this.installation.worker} is there`
    if (this.installation.state === "revoked") return "Revoked: the command does not work any more"
    if (this.installation.state === "expired") return "Expired: the command does not work any more"
    return this.installation.state === "open" ? "Waiting for the machine…" : "The machine is on its way…"
  }

  private validity() {
    const left = formatLeft(Date.parse(this.installation.expiresAt), this.clock.now)
    return html`<span class="row"
      ><span class="small muted number">${left} left</span>
      <button type="button" class="danger" @click=${() => this.confirm.show()}>${icon("close")} Revoke</button></span
    >`
  }

  private progress() {
    const worker = this.worker.value
    const advice = this.over
      ? []
      : adviceFor(this.stage, this.clock.now - this.stageSince, {
          origin: location.origin,
          allowFrom: this.installation.allowFrom,
        })
    return html`<sky-stages
        .stages=${stagesOf(this.installation, worker ?? null)}
        detail=${worker?.state === "joining" ? worker.reason : ""}
      ></sky-stages>
      ${
        advice.length === 0
          ? nothing
          : html`<div class="advice">
              <h3>Nothing happens?</h3>
              <ul>
                ${advice.map((one) => html`<li>${one}</li>`)}
              </ul>
            </div>`
      }`
  }

  private async revoke(): Promise<void> {
    this.current.put(await revokeInstallation(this.installation.id))
  }
}

const onlyOnce = {
  heading: "Leave without the command?",
  text: "It is shown only once. Whoever has copied it can use it until it expires; you can also make another.",
}
