import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { downloadText } from "./downloadText.ts"
import { icon } from "./icons.ts"
import "./sky-copy.ts"

/** Text for a machine: to be read, copied, and where it has a file name, downloaded. */
@customElement("sky-code")
export class SkyCode extends LitElement {
  @property() value = ""
  /** What it is, such as "command". */
  @property() what = "text"
  /** Under which name it is downloaded; empty: it is not. */
  @property() file = ""

  static override styles = [
    base,
    controls,
    css`
      .box {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: start;
        border: 1px solid var(--sky-border);
        border-radius: var(--sky-radius-small);
        background: var(--sky-sunken);
      }
      pre {
        margin: 0;
        padding: 10px 12px;
        font-size: 13px;
        line-height: 20px;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        max-height: var(--sky-code-height, 420px);
        overflow: auto;
      }
      .tools {
        display: flex;
        padding: 6px;
        gap: 2px;
      }
    `,
  ]

  override render() {
    return html`<div class="box">
      <pre tabindex="0" role="region" aria-label=${this.what}>${this.value}</pre>
      <div class="tools">
        <sky-copy .value=${this.value} what=${this.what}></sky-copy>
        ${
          this.file === ""
            ? nothing
            : html`<button
                type="button"
                class="quiet icon-only"
                aria-label="Download the ${this.what}"
                title="Download"
                @click=${() => downloadText([this.value], this.file)}
              >
                ${icon("download")}
              </button>`
        }
      </div>
    </div>`
  }
}
