import type { DiffLine, TemplateChange, TemplateDifference } from "@skypanel/contract/Template"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"

const said: Record<DiffLine["mark"], string> = { " ": "", "+": "Added: ", "-": "Removed: ", "…": "" }

/** What one version of a template has differently from another. */
@customElement("sky-template-difference")
export class SkyTemplateDifference extends LitElement {
  @property({ attribute: false }) difference: TemplateDifference | null = null

  static override styles = [
    base,
    table,
    css`
      .lines {
        margin: 0;
        padding: 8px 0;
        font-family: var(--sky-mono);
        font-size: 12px;
        line-height: 20px;
        background: var(--sky-sunken);
        border-radius: var(--sky-radius-small);
        overflow: auto;
        max-height: 420px;
        white-space: pre;
      }
      .line {
        padding: 0 12px;
        min-width: max-content;
      }
      .added {
        background: var(--sky-good-quiet);
        color: var(--sky-good);
      }
      .removed {
        background: var(--sky-bad-quiet);
        color: var(--sky-bad);
      }
    `,
  ]

  override render() {
    if (this.difference === null) return nothing
    const { before, after, options, configuration, expression } = this.difference
    return html`<section class="stack" aria-label="Difference">
      <h3>From version ${before} to version ${after}</h3>
      ${this.changes("Options", options)} ${this.changes("Configuration", configuration)}
      ${
        expression.length === 0
          ? html`<p class="muted">The same expression.</p>`
          : html`<div class="lines" tabindex="0" role="region" aria-label="Expression">
              ${expression.map((line) => this.line(line))}
            </div>`
      }
    </section>`
  }

  private changes(title: string, changes: readonly TemplateChange[]) {
    if (changes.length === 0) return html`<p class="muted">The same ${title.toLowerCase()}.</p>`
    return html`<div class="card table">
      <table>
        <thead>
          <tr>
            <th>${title}</th>
            <th>Before</th>
            <th>After</th>
          </tr>
        </thead>
        <tbody>
          ${changes.map(
            ({ field, before, after }) => html`<tr>
              <td class="lead"><code>${field}</code></td>
              <td data-label="Before">${before ?? "–"}</td>
              <td data-label="After">${after ?? "–"}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`
  }

  private line({ mark, text }: DiffLine) {
    const kind = mark === "+" ? "added" : mark === "-" ? "removed" : ""
    return html`<div class="line ${kind}"><span class="hidden-text">${said[mark]}</span>${mark} ${text}</div>`
  }
}
