import type { CommonImage } from "@skypanel/contract/Fleet"
import { formatSize } from "@skypanel/contract/Resources"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { base } from "../style/base.ts"
import { table } from "../style/table.ts"

/** What several services have in common, and on how many workers it is. */
@customElement("sky-common-images")
export class SkyCommonImages extends LitElement {
  @property({ attribute: false }) images: readonly CommonImage[] = []
  @property({ type: Number }) workers = 0

  static override styles = [base, table]

  override render() {
    if (this.images.length === 0)
      return html`<p class="muted">Nothing is kept: there is nothing yet that several services have in common.</p>`
    return html`<div class="table">
      <table aria-label="What is kept warm">
        <thead>
          <tr>
            <th>Image</th>
            <th class="end">Size</th>
            <th class="end">Layers</th>
            <th class="end">Services</th>
            <th class="end">On workers</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            this.images,
            ({ digest }) => digest,
            (image) => html`<tr>
              <td class="lead"><code title=${image.digest}>${shortDigest(image.digest)}</code></td>
              <td data-label="Size" class="end">${formatSize(image.bytes)}</td>
              <td data-label="Layers" class="end">${image.layers}</td>
              <td data-label="Services" class="end">${image.services}</td>
              <td data-label="On workers" class="end">${image.workers} of ${this.workers}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`
  }
}
