import type { Deployment, DeploymentReceipt } from "@skypanel/contract/Deployment"
import { formatSize } from "@skypanel/contract/Resources"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { formatDuration } from "../domain/time.ts"
import { base } from "../style/base.ts"
import "./sky-banner.ts"

/** What a finished deployment did, in numbers. */
@customElement("sky-receipt")
export class SkyReceipt extends LitElement {
  @property({ attribute: false }) deployment: Deployment | null = null

  static override styles = [
    base,
    css`
      sky-banner {
        display: block;
        margin-bottom: 12px;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
        gap: 12px 20px;
        padding: 12px 16px;
      }
      dt {
        font-size: 12px;
        line-height: 16px;
        color: var(--sky-text-muted);
      }
      dd {
        font-size: 16px;
        line-height: 24px;
        font-weight: 600;
      }
      dd span {
        font-size: 12px;
        font-weight: 400;
      }
    `,
  ]

  override render() {
    const receipt = this.deployment?.receipt
    if (!receipt) return nothing
    return html`${receipt.unchanged ? this.unchanged() : nothing}<dl class="card number" aria-label="Receipt">
      <div>
        <dt>Took</dt>
        <dd>${formatDuration(receipt.seconds * 1000)}</dd>
      </div>
      <div>
        <dt>Release</dt>
        <dd>${this.deployment?.release === null ? "–" : `#${this.deployment?.release}`}</dd>
      </div>
      ${receipt.layers === 0 ? nothing : this.image(receipt)}
    </dl>`
  }

  /** Only where an image was made: a rollback, or a start, has the one of its release. */
  private image(receipt: DeploymentReceipt) {
    return html`<div>
        <dt>Image</dt>
        <dd>${formatSize(receipt.imageBytes)} <span class="muted">${layers(receipt.layers)}</span></dd>
      </div>
      <div>
        <dt>New in it</dt>
        <dd>${formatSize(receipt.newBytes)} <span class="muted">${layers(receipt.newLayers)}</span></dd>
      </div>`
  }

  private unchanged() {
    return html`<sky-banner tone="info" heading="Nothing changed: release #${this.deployment?.release} serves already">
      <p>Image and configuration are the same, so nothing was rolled out. Restart the service to replace its instances.</p>
    </sky-banner>`
  }
}

const layers = (count: number): string => `${count} ${count === 1 ? "layer" : "layers"}`
