import type { Deployment, StepName } from "@skypanel/contract/Deployment"
import { isFinished } from "@skypanel/contract/Deployment"
import { html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { Clock } from "../app/Clock.ts"
import { stepLook } from "../domain/looks.ts"
import { formatDuration } from "../domain/time.ts"
import { openStep, remainingMs, type Stop, timelineOf, totalMs } from "../domain/timeline.ts"
import { base } from "../style/base.ts"
import { timeline } from "../style/timeline.ts"
import { timelineNarrow } from "../style/timelineNarrow.ts"
import { icon } from "./icons.ts"
import "./sky-state.ts"

/**
 * A deployment as one line that fills, from queued to live. Under it, one step's details are open; what belongs to
 * a step besides its own words is put in the slot of its name.
 */
@customElement("sky-timeline")
export class SkyTimeline extends LitElement {
  @property({ attribute: false }) deployment: Deployment | null = null
  /** Only the line, for places where the deployment is not the subject. */
  @property({ type: Boolean, reflect: true }) compact = false
  /** What somebody opened; until then the deployment decides. */
  @state() private chosen: StepName | "none" | null = null

  private readonly clock = new Clock(this, () =>
    this.deployment !== null && !isFinished(this.deployment.status) ? 100 : null,
  )

  static override styles = [base, timeline, timelineNarrow]

  override render() {
    const { deployment } = this
    if (deployment === null) return nothing
    const stops = timelineOf(deployment, this.clock.now)
    const open = this.compact || this.chosen === "none" ? null : (this.chosen ?? openStep(deployment))
    return html`<div class="total number">${this.total(deployment)}</div>
      <ol class="line" aria-label="Steps of the deployment">
        ${stops.map((stop, at) => this.stop(stop, stops[at + 1] ?? null, open))}
      </ol>
      ${open === null ? nothing : this.panel(stops.find(({ name }) => name === open))}`
  }

  private total(deployment: Deployment) {
    const total = formatDuration(totalMs(deployment, this.clock.now))
    const remaining = remainingMs(deployment, this.clock.now)
    if (deployment.status === "live") return html`Live after <strong>${total}</strong>`
    if (deployment.status === "failed") return html`Failed after <strong>${total}</strong>`
    if (deployment.status === "canceled") return html`Canceled after <strong>${total}</strong>`
    return html`<strong>${total}</strong>${
      remaining === null
        ? nothing
        : html` <span class="muted">· about ${formatDuration(remaining)} to go</span>`
    }`
  }

  private stop(stop: Stop, next: Stop | null, open: StepName | null) {
    const look = stepLook[stop.state]
    const foldable = !this.compact && stop.name !== "live" && stop.state !== "pending"
    const content = html`<span class="shape">${shapeOf(stop.state)}</span>
      <span class="words">
        <span class="title">${stop.title}</span>
        <span class="hidden-text">${look.word}</span>
        <span class="time number">${timeOf(stop)}</span>
      </span>`
    return html`<li class="stop ${stop.state} ${stop.name === open ? "open" : ""}">
      ${
        foldable
          ? html`<button
              type="button"
              aria-expanded=${stop.name === open ? "true" : "false"}
              aria-controls="panel"
              @click=${() => this.toggle(stop.name as StepName, open)}
            >
              ${content}
            </button>`
          : html`<div class="still">${content}</div>`
      }
      ${next === null ? nothing : html`<i class="rail" .style=${`--fill: ${stop.fill}`}></i>`}
    </li>`
  }

  private toggle(name: StepName, open: StepName | null): void {
    this.chosen = name === open ? "none" : name
  }

  private panel(stop: Stop | undefined) {
    if (!stop) return nothing
    return html`<div role="group" id="panel" class="panel ${stop.state}" aria-label=${stop.title}>
      <div class="row wrap head">
        <h2>${stop.title}</h2>
        <sky-state bare .look=${stepLook[stop.state]}></sky-state>
        <span class="muted small number">${spentOf(stop)}</span>
      </div>
      ${tells(stop) ? html`<p class="detail">${stop.detail}</p>` : nothing}
      <slot name=${stop.name}></slot>
    </div>`
  }
}

const shapeOf = (state: Stop["state"]) => {
  if (state === "done") return icon("check")
  if (state === "failed") return icon("close")
  return html`<i class="dot"></i>`
}

const timeOf = (stop: Stop): unknown => {
  if (stop.state === "skipped") return "skipped"
  if (stop.elapsedMs !== null) return formatDuration(stop.elapsedMs)
  if (stop.expectedMs !== null)
    return html`<span class="expected">~ ${formatDuration(stop.expectedMs)}</span>`
  return nothing
}

/** The name of a phase says nothing any more once the step is done. */
const tells = ({ detail, state }: Stop): boolean =>
  detail !== null && detail !== "" && (state !== "done" || detail.includes(" "))

const spentOf = (stop: Stop): string => {
  const spent = stop.elapsedMs === null ? "" : formatDuration(stop.elapsedMs)
  const expected = stop.expectedMs === null ? "" : `usually ${formatDuration(stop.expectedMs)}`
  return [spent, expected].filter(Boolean).join(" · ")
}
