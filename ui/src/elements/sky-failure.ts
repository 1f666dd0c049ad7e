import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { stripAnsi } from "../domain/ansi.ts"
import { stepTitle } from "../domain/timeline.ts"
import { base } from "../style/base.ts"
import { icon } from "./icons.ts"

/** Why a deployment failed: the cause first, what was seen, where, and what to do (buttons in its slot). */
@customElement("sky-failure")
export class SkyFailure extends LitElement {
  @property({ attribute: false }) failure: DeploymentFailure | null = null
  /** What visitors get all the same. */
  @property() serves = ""

  static override styles = [
    base,
    css`
      .box {
        border: 1px solid color-mix(in srgb, var(--sky-bad) 35%, transparent);
        border-radius: var(--sky-radius);
        background: var(--sky-surface);
        overflow: hidden;
      }
      .head {
        display: flex;
        gap: 10px;
        padding: 12px 16px;
        background: var(--sky-bad-quiet);
      }
      .head .icon {
        color: var(--sky-bad);
        margin-top: 3px;
      }
      h2 {
        font-size: 15px;
        line-height: 22px;
        overflow-wrap: anywhere;
      }
      .body {
        padding: 12px 16px;
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr);
      }
      .place {
        color: var(--sky-bad);
      }
      pre {
        margin: 0;
        padding: 8px 12px;
        background: var(--sky-sunken);
        border-radius: var(--sky-radius-small);
        font-size: 12px;
        line-height: 20px;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        max-height: 320px;
        overflow: auto;
        border-inline-start: 3px solid var(--sky-bad);
      }
      .detail {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .next {
        display: flex;
        flex-wrap: wrap;
        gap: 12px;
        align-items: center;
      }
      .next p {
        flex: 1 1 240px;
      }
    `,
  ]

  override willUpdate(): void {
    this.hidden = this.failure === null
  }

  override render() {
    const { failure } = this
    if (failure === null) return nothing
    const { location } = failure
    return html`<div class="box" role="alert">
      <div class="head">
        ${icon("warning")}
        <div>
          <h2>${failure.title}</h2>
          <p class="small muted">
            While ${stepTitle[failure.step].toLowerCase()}${
              location === null
                ? nothing
                : html`, in
                    <span class="mono place">${location.file}:${location.line}:${location.column}</span>`
            }
          </p>
        </div>
      </div>
      <div class="body">
        ${isSaid(failure) ? nothing : html`<p class="detail">${stripAnsi(failure.detail)}</p>`}
        ${
          failure.lines.length === 0
            ? nothing
            : html`<pre tabindex="0" role="region" aria-label="The lines that matter">${failure.lines.map(stripAnsi).join("\n")}</pre>`
        }
        <div class="next">
          <p>${failure.next}${this.serves === "" ? nothing : html` <span class="muted">${this.serves}</span>`}</p>
          <slot></slot>
        </div>
      </div>
    </div>`
  }
}

/** The lines often begin with the detail itself; once is enough. */
const isSaid = ({ detail, lines }: DeploymentFailure): boolean =>
  detail.trim() === "" || lines.some((line) => stripAnsi(line).trim() === stripAnsi(detail).trim())
