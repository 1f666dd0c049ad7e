import type { Drain } from "@skypanel/contract/Worker"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Clock } from "../app/Clock.ts"
import { progressOf } from "../domain/drain.ts"
import { formatInstant, formatLeft } from "../domain/time.ts"
import { base } from "../style/base.ts"
import { icon } from "./icons.ts"
import "./sky-bar.ts"
import "./sky-time.ts"

/** How far the emptying of a worker is, until when, and what cannot go and why. */
@customElement("sky-drain")
export class SkyDrain extends LitElement {
  @property({ attribute: false }) drain: Drain | null = null

  private readonly clock = new Clock(this, () => (this.drain !== null && this.drain.left > 0 ? 1000 : null))

  static override styles = [
    base,
    css`
      .box {
        padding: 16px;
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }
      .late {
        color: var(--sky-warn);
      }
      ul {
        display: grid;
        gap: 6px;
        font-size: 13px;
      }
      li {
        display: flex;
        gap: 8px;
        overflow-wrap: anywhere;
      }
      li .icon {
        color: var(--sky-warn);
        margin-top: 2px;
      }
    `,
  ]

  override willUpdate(): void {
    this.hidden = this.drain === null
  }

  override render() {
    const { drain } = this
    if (drain === null) return nothing
    const { now } = this.clock
    const progress = progressOf(drain, now)
    const deadline = Date.parse(drain.deadlineAt)
    return html`<div class="card box" role="group" aria-labelledby="drain">
      <div class="row wrap spread">
        <h2 id="drain">${drain.left === 0 ? "Drained" : "Draining"}</h2>
        <span class="small muted">started by ${drain.startedBy} <sky-time .at=${drain.startedAt}></sky-time></span>
      </div>
      <sky-bar label="Drain" .share=${progress.share} plain text="${progress.text}${drain.left === 0 ? "" : `, ${drain.left} left`}"></sky-bar>
      ${
        drain.left === 0
          ? nothing
          : html`<p class="small ${progress.late ? "late" : "muted"}" title=${formatInstant(deadline)}>
              ${progress.late ? "It takes longer than its deadline; it goes on all the same." : `${formatLeft(deadline, now)} until it counts as stuck`}
            </p>`
      }
      ${
        drain.stuck.length === 0
          ? nothing
          : html`<div>
              <h3>What cannot go</h3>
              <ul>
                ${drain.stuck.map(
                  ({ service, organization, reason }) =>
                    html`<li>${icon("warning")}<span><strong>${service}</strong> <span class="muted">of ${organization}</span>: ${reason}</span></li>`,
                )}
              </ul>
            </div>`
      }
    </div>`
  }
}
