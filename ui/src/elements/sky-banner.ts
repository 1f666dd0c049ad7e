import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"
import { icon } from "./icons.ts"

/** Something that one has to know before the rest: what it is, what it means (slot), what to do (slot `actions`). */
@customElement("sky-banner")
export class SkyBanner extends LitElement {
  @property() heading = ""
  @property() tone: "info" | "warn" | "bad" = "info"

  static override styles = [
    base,
    css`
      section {
        --tone: var(--sky-accent);
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: flex-start;
        padding: 12px 16px;
        border: 1px solid color-mix(in srgb, var(--tone) 35%, transparent);
        border-radius: var(--sky-radius);
        background: var(--sky-accent-quiet);
      }
      .warn {
        --tone: var(--sky-warn);
        background: var(--sky-warn-quiet);
      }
      .bad {
        --tone: var(--sky-bad);
        background: var(--sky-bad-quiet);
      }
      section > .icon {
        margin-top: 2px;
        color: var(--tone);
      }
      .text {
        flex: 1 1 320px;
        min-width: 0;
        font-size: 13px;
        line-height: 20px;
        overflow-wrap: anywhere;
      }
      h2 {
        font-size: 14px;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
    `,
  ]

  override render() {
    return html`<section class=${this.tone} aria-label=${this.heading}>
      ${icon(this.tone === "info" ? "about" : "warning")}
      <div class="text"><h2>${this.heading}</h2><slot></slot></div>
      <div class="actions"><slot name="actions"></slot></div>
    </section>`
  }
}
