import { templateLimits } from "@skypanel/contract/TemplateOptions"
import { html, LitElement } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { iconUrl } from "../data/templates.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { describedBy, field } from "./field.ts"

const help = "An SVG file of at most 16 KiB"

/** The picture of a template, from a file. Says `icon` with its text. */
@customElement("sky-icon-field")
export class SkyIconField extends LitElement {
  @property() icon = ""
  /** What is wrong with the one that was sent. */
  @property({ attribute: false }) error: string | null = null
  @state() private tooLarge = false

  static override styles = [base, controls]

  override render() {
    const error = this.tooLarge ? "it is larger than 16 KiB" : this.error
    const label = html`Icon <img src=${iconUrl(this)} alt="" width="16" height="16" />`
    return field(
      { id: "icon", label, help, error },
      html`<input
        id="icon"
        type="file"
        accept=".svg,image/svg+xml"
        aria-invalid=${error === null ? "false" : "true"}
        aria-describedby=${describedBy({ id: "icon", help, error })}
        @change=${this.read}
      />`,
    )
  }

  private async read(event: Event): Promise<void> {
    const [file] = (event.target as HTMLInputElement).files ?? []
    if (file === undefined) return
    this.tooLarge = file.size > templateLimits.iconCharacters
    if (this.tooLarge) return
    this.dispatchEvent(new CustomEvent<string>("icon", { detail: await file.text() }))
  }
}
