import type { RegistryCredential } from "@skypanel/contract/RegistryCredential"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readRegistries } from "../data/registries.ts"
import { pathOf } from "../domain/paths.ts"
import { base } from "../style/base.ts"
import "./sky-registry-form.ts"

/** Where an image's registry may want to know who asks: says which credential it gets, and takes one. Says `given`. */
@customElement("sky-registry-offer")
export class SkyRegistryOffer extends LitElement {
  @property() organization = ""
  /** Null: there is nothing to offer. */
  @property() registry: string | null = null
  @property() verb = "Save credential"
  /** Beside other fields: opened by whoever needs it. */
  @property({ type: Boolean }) folded = false

  private readonly registries = new Resource(this, {
    key: () => (this.registry === null ? null : ([this.organization] as const)),
    read: ([organization], signal) => readRegistries(organization, signal),
    keep: true,
  })

  static override styles = [
    base,
    css`
      section {
        padding: 16px;
      }
      details {
        font-size: 13px;
      }
      summary {
        cursor: pointer;
      }
      p a {
        text-decoration: underline;
      }
      details > * + * {
        margin-top: 12px;
      }
    `,
  ]

  override willUpdate(): void {
    this.hidden = this.registry === null
  }

  override render() {
    const { registry } = this
    if (registry === null) return nothing
    const own = this.registries.value?.find((one) => one.registry === registry)
    const heading =
      own === undefined ? `Add a credential for ${registry}` : `Another credential for ${registry}`
    if (this.folded)
      return html`<details>
        <summary>${own === undefined ? `Private? ${heading}` : `${registry} is asked as ${own.username}`}</summary>
        ${this.content(registry)}
      </details>`
    return html`<section class="card stack" aria-labelledby="offer">
      <h2 id="offer">${heading}</h2>
      ${own === undefined ? nothing : html`<p class="muted">It was asked as <code>${own.username}</code>.</p>`}
      ${this.content(registry)}
    </section>`
  }

  private content(registry: string) {
    const { organization } = this
    return html`<p class="muted">
        It goes to ${registry} alone. All of the organization's are under
        <a href=${pathOf({ view: "registries", organization })}>Registries</a>.
      </p>
      <sky-registry-form
        .organization=${organization}
        .registry=${registry}
        .verb=${this.verb}
        ?secondary=${this.folded}
        @given=${this.given}
      ></sky-registry-form>`
  }

  private given({ detail }: CustomEvent<readonly RegistryCredential[]>): void {
    this.registries.put(detail)
    this.dispatchEvent(new Event("given"))
  }
}
