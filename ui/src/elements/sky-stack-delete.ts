import type { Stack, VolumesOfDeleted } from "@skypanel/contract/Stack"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { deleteStack } from "../data/stacks.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"

/** Deletes a stack, once it is said what becomes of what is in volumes, and its name was typed. */
@customElement("sky-stack-delete")
export class SkyStackDelete extends LitElement {
  @property() organization = ""
  @property({ attribute: false }) stack!: Stack
  @state() private volumes: VolumesOfDeleted = "keep"

  static override styles = [
    base,
    controls,
    css`
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
      }
      fieldset label {
        font-weight: 400;
      }
      input[type="radio"] {
        width: auto;
        margin: 0 8px 0 0;
      }
    `,
  ]

  override render() {
    const { name, state: now, services } = this.stack
    const kept = services.filter(({ volume }) => volume !== null).map((service) => service.name)
    return html`<button
        class="danger"
        aria-disabled=${now === "deleting" ? "true" : "false"}
        @click=${() => now !== "deleting" && this.renderRoot.querySelector<SkyConfirm>("sky-confirm")!.show()}
      >
        ${icon("trash")} Delete</button
      ><sky-confirm dangerous heading="Delete ${name}?" verb="Delete" name=${name} .run=${() => this.delete(kept.length > 0)}>
        <p>Its services go with their releases and logs, and its secrets, for good.</p>
        ${
          kept.length === 0
            ? nothing
            : html`<fieldset>
                <legend class="label">What becomes of ${kept.join(" and ")}, which has a volume?</legend>
                ${this.choice("keep", "It stays, stopped, as a service of its own")}
                ${this.choice("delete", "It goes too, with what is in its volume")}
              </fieldset>`
        }
      </sky-confirm>`
  }

  private choice(value: VolumesOfDeleted, text: string) {
    return html`<label
      ><input
        type="radio"
        name="volumes"
        value=${value}
        .checked=${this.volumes === value}
        @change=${() => {
          this.volumes = value
        }}
      />${text}</label
    >`
  }

  private async delete(asked: boolean): Promise<void> {
    await deleteStack(this.organization, this.stack.name, asked ? this.volumes : "delete")
    fire(this, "sky-notice", { tone: "good", text: `${this.stack.name} is being deleted.` })
    fire(this, "sky-go", { view: "stacks", organization: this.organization })
  }
}
