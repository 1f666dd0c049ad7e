import type { TemplateChange, TemplateDifference } from "@skypanel/contract/Template"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"
import { changeTable, difference, diffLines } from "./difference.ts"

/** What one version of a template has differently from another. */
@customElement("sky-template-difference")
export class SkyTemplateDifference extends LitElement {
  @property({ attribute: false }) difference: TemplateDifference | null = null

  static override styles = [base, table, difference]

  override render() {
    if (this.difference === null) return nothing
    const { before, after, options, configuration, expression } = this.difference
    return html`<section class="stack" aria-label="Difference">
      <h3>From version ${before} to version ${after}</h3>
      ${this.changes("Options", options)} ${this.changes("Configuration", configuration)}
      ${expression.length === 0 ? html`<p class="muted">The same expression.</p>` : diffLines("Expression", expression)}
    </section>`
  }

  private changes(title: string, changes: readonly TemplateChange[]) {
    return changes.length === 0
      ? html`<p class="muted">The same ${title.toLowerCase()}.</p>`
      : changeTable(title, changes)
  }
}
