import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Clock } from "../app/Clock.ts"
import { ageChangesIn, formatAge, formatInstant, formatSpan } from "../domain/time.ts"
import { base } from "../style/base.ts"

/** How long ago, or for how long, with the absolute time on hover. */
@customElement("sky-time")
export class SkyTime extends LitElement {
  /** ISO 8601. */
  @property() at = ""
  /** For how long it has been so, instead of how long ago it began. */
  @property({ type: Boolean }) span = false

  private readonly clock = new Clock(this, () =>
    this.at === "" ? null : ageChangesIn(Date.parse(this.at), Date.now()),
  )

  static override styles = [
    base,
    css`
      :host {
        display: inline;
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
    `,
  ]

  override render() {
    const at = Date.parse(this.at)
    if (Number.isNaN(at)) return html`–`
    return html`<time datetime=${this.at} title=${formatInstant(at)}>${
      this.span ? `for ${formatSpan(at, this.clock.now)}` : formatAge(at, this.clock.now)
    }</time>`
  }
}
