import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"

/** An empty state teaches: one sentence, and in its slot one primary action and one link. */
@customElement("sky-empty")
export class SkyEmpty extends LitElement {
  @property() heading = ""
  /** It is all there is in the view: its heading is the view's. */
  @property({ type: Boolean }) whole = false

  static override styles = [
    base,
    css`
      div {
        display: grid;
        justify-items: center;
        gap: 8px;
        padding: 64px 24px;
        text-align: center;
        border: 1px dashed var(--sky-border-strong);
        border-radius: 12px;
      }
      h2 {
        font-size: 16px;
        line-height: 24px;
      }
      ::slotted(p) {
        max-width: 52ch;
        color: var(--sky-text-muted);
        margin: 0;
      }
    `,
  ]

  override render() {
    return html`<div><slot name="picture"></slot>${this.whole ? html`<h1>${this.heading}</h1>` : html`<h2>${this.heading}</h2>`}<slot></slot></div>`
  }
}
