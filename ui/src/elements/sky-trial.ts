import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { LogFollow } from "../app/LogFollow.ts"
import { followTrial } from "../data/trials.ts"
import { stripAnsi } from "../domain/ansi.ts"
import { base } from "../style/base.ts"
import "./sky-failure.ts"
import "./sky-log.ts"

/** A trial build: why it failed, if it did, and what it writes. A button for what comes next goes into its slot. */
@customElement("sky-trial")
export class SkyTrial extends LitElement {
  @property() organization = ""
  @property() template = ""
  @property({ type: Number }) number = 0
  /** Of a stack. */
  @property({ attribute: false }) service: string | null = null
  /** When it was asked for: another trial has another log. */
  @property() asked = ""
  @property({ type: Boolean }) running = false
  @property({ attribute: false }) failure: DeploymentFailure | null = null

  private readonly log = new LogFollow(
    this,
    () => [this.organization, this.template, this.number, this.service, this.asked] as const,
    ([organization, template, number, service], follower) =>
      followTrial({ organization, template, number, service }, () => !this.running, follower),
  )

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }
      sky-log {
        height: 280px;
      }
    `,
  ]

  override render() {
    const part = this.service === null ? "" : `-${this.service}`
    return html`<sky-failure .failure=${this.failure}><slot></slot></sky-failure>
      <sky-log
        .buffer=${this.log.buffer}
        .live=${this.log.live || this.log.over}
        .marked=${new Set((this.failure?.lines ?? []).map((line) => stripAnsi(line).trim()))}
        waiting=${this.running ? "Waiting for the first line…" : "The trial build printed nothing."}
        name="${this.template}${part}-${this.number}-trial"
      ></sky-log>`
  }
}
