import type { Service } from "@skypanel/contract/Service"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { forgetSecret } from "../data/services.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"

/** Secret variables of which earlier values are kept, for the releases that have them; and the way to forget those. */
@customElement("sky-earlier-secrets")
export class SkyEarlierSecrets extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @state() private chosen = ""

  static override styles = [
    base,
    controls,
    css`
      section {
        padding: 16px;
      }
      li {
        padding: 4px 0;
      }
    `,
  ]

  override render() {
    const secrets = this.service.secrets.filter(({ earlier }) => earlier > 0)
    if (secrets.length === 0) return nothing
    return html`<section class="card" aria-labelledby="heading">
      <h2 id="heading">Earlier values of secrets</h2>
      <p class="small muted">Kept for the releases that have them: whoever rolls back to one gets its value.</p>
      <ul>
        ${secrets.map(
          ({ name, earlier }) => html`<li class="row spread wrap">
            <span><code>${name}</code> <span class="small muted">${earlier} besides the one of now</span></span>
            <button type="button" aria-label="Forget earlier values of ${name}" @click=${() => this.ask(name)}>
              Forget
            </button>
          </li>`,
        )}
      </ul>
      <sky-confirm
        dangerous
        heading="Forget earlier values of ${this.chosen}?"
        verb="Forget"
        .run=${() => this.forget()}
      >
        <p>They are removed for good. Releases that have one of them are deployed with the value of now.</p>
      </sky-confirm>
    </section>`
  }

  private ask(name: string): void {
    this.chosen = name
    void this.updateComplete.then(() => this.renderRoot.querySelector<SkyConfirm>("sky-confirm")!.show())
  }

  private async forget(): Promise<void> {
    await forgetSecret(this.organization, this.service.name, this.chosen)
    fire(this, "sky-notice", { tone: "good", text: `Earlier values of ${this.chosen} are forgotten.` })
  }
}
