import { html, LitElement } from "lit"
import { customElement } from "lit/decorators.js"
import { base } from "../style/base.ts"

/** Our elements in every state. */
@customElement("sky-demo")
export class SkyDemo extends LitElement {
  static override styles = [base]

  override render() {
    return html`<h1>Elements</h1>`
  }
}
