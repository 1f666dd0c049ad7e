import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { formatPrice } from "../domain/money.ts"
import { base } from "../style/base.ts"

/** A price by the hour with the one by the month beside it. */
@customElement("sky-price")
export class SkyPrice extends LitElement {
  /** Integer micro-dollars per hour; null while it cannot be told. */
  @property({ attribute: false }) hourly: number | null = null

  static override styles = [
    base,
    css`
      :host {
        display: inline;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
    `,
  ]

  override render() {
    if (this.hourly === null) return html`–`
    const price = formatPrice(this.hourly)
    return html`${price.hour}<span class="muted">/h</span> <span class="muted">· ${price.month}/month</span>`
  }
}
