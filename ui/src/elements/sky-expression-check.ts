import type { Diagnostic } from "@skypanel/contract/Check"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { type Checked, SourceCheck } from "../app/SourceCheck.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { icon } from "./icons.ts"
import "./sky-planned-packages.ts"
import "./sky-problem.ts"

declare global {
  interface HTMLElementEventMap {
    "sky-checked": CustomEvent<Checked>
  }
}

/** What a builder says of an expression as it is typed: what is wrong with it, or the packages that it needs. */
@customElement("sky-expression-check")
export class SkyExpressionCheck extends LitElement {
  @property() organization = ""
  @property() expression = ""

  private readonly found = new SourceCheck(this, (detail) =>
    this.dispatchEvent(new CustomEvent("sky-checked", { detail })),
  )

  static override styles = [
    base,
    controls,
    css`
      .status {
        min-height: 20px;
        color: var(--sky-text-muted);
      }
      li {
        display: flex;
        gap: 8px;
        align-items: flex-start;
        list-style: none;
        overflow-wrap: anywhere;
      }
      li .icon {
        color: var(--sky-bad);
        margin-top: 3px;
        flex: none;
      }
      ul {
        margin: 0;
        padding: 0;
        display: grid;
        gap: 8px;
      }
    `,
  ]

  override willUpdate(): void {
    this.found.look(this.organization, this.expression)
  }

  override render() {
    const { check, problem, busy } = this.found
    return html`<div class="stack">
      <p class="status small" role="status">${this.status()}</p>
      ${
        problem !== null && !busy
          ? html`<sky-problem .problem=${problem} retryable @retry=${() => this.found.again()}></sky-problem>`
          : nothing
      }
      ${check === null || check.diagnostics.length === 0 ? nothing : this.diagnostics(check.diagnostics)}
      ${
        check === null || check.plan === null
          ? nothing
          : html`<sky-planned-packages .plan=${check.plan} ?old=${busy}></sky-planned-packages>`
      }
    </div>`
  }

  private status(): string {
    const { check, problem, busy } = this.found
    if (this.expression.trim() === "") return "Write an expression, and see here which packages it needs."
    if (busy) return "A builder looks at it…"
    if (problem !== null || check === null) return ""
    return check.diagnostics.length > 0 ? "It cannot be built like this." : "It can be built."
  }

  private diagnostics(found: ReadonlyArray<Diagnostic>) {
    return html`<ul aria-label="What is wrong">
      ${found.map(
        ({ message, detail, next, place }) => html`<li>
          ${icon("warning")}
          <span>
            <strong>${message}</strong>
            ${place === null ? nothing : html`<span class="muted number">Line ${place.line}, column ${place.column}.</span>`}
            ${detail === "" || message.includes(detail) ? nothing : html`<span class="mono small">${detail}</span>`}
            <span class="muted">${next}</span>
          </span>
        </li>`,
      )}
    </ul>`
  }
}
