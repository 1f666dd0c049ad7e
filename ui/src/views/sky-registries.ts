import type { RegistryCredential } from "@skypanel/contract/RegistryCredential"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { Resource } from "../app/Resource.ts"
import { readRegistries, removeRegistry } from "../data/registries.ts"
import "../elements/sky-confirm.ts"
import type { SkyConfirm } from "../elements/sky-confirm.ts"
import "../elements/sky-empty.ts"
import { fire } from "../elements/events.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-registry-form.ts"
import "../elements/sky-skeleton.ts"
import "../elements/sky-time.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { table } from "../style/table.ts"

/** What the organization gets at private images with, one credential for each registry. */
@customElement("sky-registries")
export class SkyRegistries extends LitElement {
  @property() organization = ""
  @state() private chosen = ""
  @query("sky-confirm") private readonly confirm!: SkyConfirm

  private readonly registries = new Resource(this, {
    key: () => [this.organization] as const,
    read: ([organization], signal) => readRegistries(organization, signal),
  })

  static override styles = [
    base,
    controls,
    table,
    css`
      .add {
        padding: 16px;
      }
    `,
  ]

  override render() {
    const { value, problem } = this.registries
    return html`<div class="stack">
      <div>
        <h1>Registries</h1>
        <p class="muted">
          Credentials for private images. Each goes to its registry alone, with the fetch of an image that is there.
        </p>
      </div>
      <sky-problem .problem=${problem} retryable @retry=${() => this.registries.reload()}></sky-problem>
      ${value ? this.list(value) : problem ? nothing : html`<sky-skeleton .rows=${2} .height=${44}></sky-skeleton>`}
      <section class="card add stack" aria-labelledby="add">
        <h2 id="add">Add a credential</h2>
        <sky-registry-form
          .organization=${this.organization}
          verb="Add credential"
          @given=${({ detail }: CustomEvent<readonly RegistryCredential[]>) => this.registries.put(detail)}
        ></sky-registry-form>
      </section>
      <sky-confirm heading="Remove the credential for ${this.chosen}?" verb="Remove" dangerous .run=${() => this.removeChosen()}>
        <p>Private images of ${this.chosen} cannot be fetched or checked without it. What is mirrored already stays.</p>
      </sky-confirm>
    </div>`
  }

  private list(registries: readonly RegistryCredential[]) {
    if (registries.length === 0)
      return html`<sky-empty heading="No credentials">
        <p>Public images need none. For a private one, add the credential of its registry.</p>
      </sky-empty>`
    return html`<section class="card table" aria-label="Credentials">
      <table>
        <thead>
          <tr>
            <th>Registry</th><th>User name</th><th>Added by</th><th>Last used</th>
            <th><span class="hidden-text">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            registries,
            ({ registry }) => registry,
            (one) => this.row(one),
          )}
        </tbody>
      </table>
    </section>`
  }

  private row({ registry, username, createdBy, createdAt, lastUsedAt }: RegistryCredential) {
    return html`<tr>
      <td class="lead mono">${registry}</td>
      <td data-label="User name"><code>${username}</code></td>
      <td data-label="Added by"><span>${createdBy} <sky-time .at=${createdAt}></sky-time></span></td>
      <td data-label="Last used">${lastUsedAt === undefined ? "never" : html`<sky-time .at=${lastUsedAt}></sky-time>`}</td>
      <td class="end">
        <button aria-label="Remove the credential for ${registry}" @click=${() => this.ask(registry)}>
          ${icon("trash")} Remove
        </button>
      </td>
    </tr>`
  }

  private ask(registry: string): void {
    this.chosen = registry
    void this.updateComplete.then(() => this.confirm.show())
  }

  private async removeChosen(): Promise<void> {
    this.registries.put(await removeRegistry(this.organization, this.chosen))
    fire(this, "sky-notice", { tone: "good", text: `The credential for ${this.chosen} is removed.` })
  }
}
