import type { PartDifference, StackDifference } from "@skypanel/contract/StackTemplate"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"
import { changeTable, difference, diffLines } from "./difference.ts"

const words: Record<PartDifference["kind"], string> = {
  added: "is new",
  removed: "is not there any more",
  changed: "is changed",
}

/** What one version of a stack has differently from another, service by service. */
@customElement("sky-stack-difference")
export class SkyStackDifference extends LitElement {
  @property({ attribute: false }) difference: StackDifference | null = null

  static override styles = [base, table, difference]

  override render() {
    if (this.difference === null) return nothing
    const { before, after, changes, services } = this.difference
    return html`<section class="stack" aria-label="Difference">
      <h3>From version ${before} to version ${after}</h3>
      ${changes.length === 0 ? nothing : changeTable("Stack", changes)}
      ${changes.length + services.length === 0 ? html`<p class="muted">It is the same.</p>` : nothing}
      ${services.map((part) => this.service(part))}
    </section>`
  }

  private service({ key, kind, changes, expression }: PartDifference) {
    return html`<p><strong>${key}</strong> ${words[kind]}.</p>
      ${changes.length === 0 || kind === "removed" ? nothing : changeTable(key, changes)}
      ${expression.length === 0 ? nothing : diffLines(`Expression of ${key}`, expression)}`
  }
}
