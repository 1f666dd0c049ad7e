import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { type Stage, stageLook } from "../domain/installationProgress.ts"
import { base } from "../style/base.ts"
import "./sky-state.ts"

const stateWord: Record<Stage["state"], string> = {
  done: "done",
  running: "under way",
  pending: "to come",
  failed: "not reached",
}

/** The way of a new worker, from its command to ready. */
@customElement("sky-stages")
export class SkyStages extends LitElement {
  @property({ attribute: false }) stages: readonly Stage[] = []
  /** What is known of the stage under way. */
  @property() detail = ""

  static override styles = [
    base,
    css`
      ol {
        display: grid;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: 12px;
      }
      li {
        display: flex;
        gap: 8px;
        align-items: baseline;
        padding-top: 8px;
        border-top: 2px solid var(--sky-border);
        font-size: 13px;
        line-height: 20px;
        overflow-wrap: anywhere;
      }
      .done {
        border-color: var(--sky-good);
      }
      .running {
        border-color: var(--sky-busy);
        font-weight: 600;
      }
      .running .small {
        font-weight: 400;
      }
      .failed {
        border-color: var(--sky-bad);
      }
      .pending {
        color: var(--sky-text-muted);
      }
      sky-state {
        position: relative;
        top: 1px;
      }
      @media (max-width: 700px) {
        ol {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ]

  override render() {
    const running = this.stages.find(({ state }) => state === "running")
    return html`<ol aria-label="Progress">
        ${this.stages.map((stage) => this.stage(stage))}
      </ol>
      <p class="hidden-text" role="status">${running ? `${running.title}: under way` : ""}</p>`
  }

  private stage({ title, state }: Stage) {
    return html`<li class=${state} aria-current=${state === "running" ? "step" : nothing}>
      <sky-state bare .look=${stageLook[state]}></sky-state>
      <span
        >${title}<span class="hidden-text">: ${stateWord[state]}</span>${
          state === "running" && this.detail !== ""
            ? html`<br /><span class="small muted">${this.detail}</span>`
            : nothing
        }</span
      >
    </li>`
  }
}
