import { consume } from "@lit/context"
import { formatMoney } from "@skypanel/contract/Price"
import { formatSize } from "@skypanel/contract/Resources"
import type { Session } from "@skypanel/contract/Session"
import { css, html, LitElement } from "lit"
import { customElement, state } from "lit/decorators.js"
import { sessionContext } from "../app/context.ts"
import { base } from "../style/base.ts"

/** What this platform is, where its packages come from, and what it charges. */
@customElement("sky-about")
export class SkyAbout extends LitElement {
  @consume({ context: sessionContext, subscribe: true }) @state() private session!: Session

  static override styles = [
    base,
    css`
      section {
        padding: 16px;
      }
      h2 {
        margin-bottom: 12px;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(120px, max-content) minmax(0, 1fr);
        gap: 8px 24px;
        font-size: 13px;
        line-height: 20px;
      }
      dt {
        color: var(--sky-text-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
    `,
  ]

  override render() {
    const { platform } = this.session
    const { packageSet, largestWorker, prices } = platform
    return html`<div class="stack">
      <h1>About this platform</h1>
      <section class="card" aria-labelledby="packages">
        <h2 id="packages">Packages</h2>
        ${
          packageSet === null
            ? html`<p class="muted">No builder is connected, so nothing can be built at present.</p>`
            : html`<dl>
                <dt>Package set</dt>
                <dd>${packageSet.kind}</dd>
                <dt>Reference</dt>
                <dd class="mono">${packageSet.reference}</dd>
                <dt>Why this one</dt>
                <dd>${packageSet.reason}</dd>
              </dl>`
        }
      </section>
      <section class="card" aria-labelledby="platform">
        <h2 id="platform">Platform</h2>
        <dl>
          <dt>Version</dt>
          <dd class="mono">${platform.version}${platform.development ? " (development)" : ""}</dd>
          <dt>Endpoints</dt>
          <dd class="mono">*.${platform.endpointDomain}:${platform.endpointPort}</dd>
          <dt>Largest service</dt>
          <dd class="number">
            ${
              largestWorker === null
                ? "no worker is connected"
                : `${largestWorker.cpu} cores, ${formatSize(largestWorker.memoryBytes)} of memory, ${formatSize(largestWorker.diskBytes)} of disk`
            }
          </dd>
          <dt>API</dt>
          <dd><a href="/api/v1/openapi.json" target="_blank" rel="noopener">OpenAPI document</a></dd>
        </dl>
      </section>
      <section class="card" aria-labelledby="prices">
        <h2 id="prices">Prices in ${prices.currency}</h2>
        <dl class="number">
          <dt>CPU</dt>
          <dd>${formatMoney(prices.cpuHour, 6)} per core and hour</dd>
          <dt>Memory</dt>
          <dd>${formatMoney(prices.memoryGibHour, 6)} per GiB and hour</dd>
          <dt>Storage</dt>
          <dd>${formatMoney(prices.storageGibHour, 6)} per GiB and hour</dd>
        </dl>
      </section>
    </div>`
  }
}
