import { html, LitElement, nothing } from "lit"
import { customElement, query, state } from "lit/decorators.js"
import "../elements/sky-confirm.ts"
import type { SkyConfirm } from "../elements/sky-confirm.ts"
import type { Hold } from "./leaving.ts"

/** Asks whether to go elsewhere although something would be lost. */
@customElement("sky-leave")
export class SkyLeave extends LitElement {
  @state() private hold: Hold | null = null
  @query("sky-confirm") private readonly confirm!: SkyConfirm
  private go: () => void = () => {}

  ask(hold: Hold, go: () => void): void {
    this.hold = hold
    this.go = go
    void this.updateComplete.then(() => this.confirm.show())
  }

  override render() {
    if (this.hold === null) return nothing
    return html`<sky-confirm heading=${this.hold.heading} verb="Leave" dangerous .run=${async () => this.go()}>
      <p>${this.hold.text}</p>
    </sky-confirm>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "sky-leave": SkyLeave
  }
}
