import type { Service } from "@skypanel/contract/Service"
import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import "../elements/sky-copy.ts"
import "../elements/sky-learned-hashes.ts"
import "../elements/sky-service-actions.ts"
import "../elements/sky-retention-setting.ts"
import "../elements/sky-watch-setting.ts"
import { base } from "../style/base.ts"
import "./sky-service-image.ts"
import "./sky-service-repository.ts"

/**
 * What is rarely needed: the service's repository or image, its ids, how its releases are looked after and kept, what its
 * builds have learned, and deleting it.
 */
@customElement("sky-service-settings")
export class SkyServiceSettings extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""

  static override styles = [
    base,
    css`
      section {
        padding: 16px;
      }
      .danger {
        border-color: color-mix(in srgb, var(--sky-bad) 40%, var(--sky-border));
      }
      dt {
        font-size: 12px;
        color: var(--sky-text-muted);
      }
      dd {
        display: flex;
        gap: 4px;
        align-items: center;
        overflow-wrap: anywhere;
        margin-bottom: 8px;
      }
    `,
  ]

  override render() {
    const { service } = this
    return html`<div class="stack">
      <sky-service-repository .service=${service} .organization=${this.organization}></sky-service-repository>
      <sky-service-image .service=${service} .organization=${this.organization}></sky-service-image>
      <section class="card" aria-label="Identity">
        <dl>
          <dt>Service id</dt>
          <dd><code>${service.id}</code><sky-copy .value=${service.id} what="service id"></sky-copy></dd>
          <dt>Address</dt>
          <dd>
            ${
              service.url === null
                ? "none: it runs without a port"
                : html`<code>${service.url}</code><sky-copy .value=${service.url} what="address"></sky-copy>`
            }
          </dd>
        </dl>
      </section>
      <sky-watch-setting .service=${service} .organization=${this.organization}></sky-watch-setting>
      <sky-retention-setting .service=${service} .organization=${this.organization}></sky-retention-setting>
      <sky-learned-hashes .service=${service} .organization=${this.organization}></sky-learned-hashes>
      <section class="card danger stack" aria-labelledby="delete-heading">
        <div>
          <h2 id="delete-heading">Delete this service</h2>
          <p class="muted">It is stopped, and its releases, deployments and logs are deleted. This cannot be undone.</p>
        </div>
        <sky-service-actions only .service=${service} .organization=${this.organization}></sky-service-actions>
      </section>
    </div>`
  }
}
