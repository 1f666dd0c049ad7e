import { html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { registryOf } from "../domain/registry.ts"
import { type FieldIssue, type ServiceForm, withSuggestedName } from "../domain/serviceForm.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { describedBy, errorAt, field } from "./field.ts"
import { fireForm } from "./formEvents.ts"
import "./sky-registry-offer.ts"

const help = "Such as nginx:1.27 or ghcr.io/owner/app:1.2. It is mirrored when it is deployed."

/** The reference of an image, and a credential for its registry where it is private. */
@customElement("sky-image-field")
export class SkyImageField extends LitElement {
  @property({ attribute: false }) form!: ServiceForm
  @property({ attribute: false }) issues: readonly FieldIssue[] = []
  @property() organization = ""

  static override styles = [base, controls]

  override render() {
    const error = errorAt(this.issues, "source.reference")
    return html`<div class="stack">
      ${field(
        { id: "reference", label: "Image", help, error },
        html`<input
          id="reference"
          class="mono"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          placeholder="ghcr.io/owner/app:1.2"
          aria-invalid=${error === null ? "false" : "true"}
          aria-describedby=${describedBy({ id: "reference", help, error })}
          .value=${this.form.reference}
          @input=${(event: Event) => this.type((event.target as HTMLInputElement).value)}
        />`,
      )}
      <sky-registry-offer
        folded
        .registry=${registryOf(this.form.reference)}
        .organization=${this.organization}
      ></sky-registry-offer>
    </div>`
  }

  private type(reference: string): void {
    const { name } = withSuggestedName({ ...this.form, reference })
    fireForm(this, { reference, name })
  }
}
