import type { Fleet } from "@skypanel/contract/Fleet"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { base } from "../style/base.ts"
import "./sky-banner.ts"
import "./sky-time.ts"

/** So many workers are silent at once that nothing is moved: what that means, and what to do. */
@customElement("sky-brake")
export class SkyBrake extends LitElement {
  @property({ attribute: false }) brake: Fleet["brake"] = null

  static override styles = [base]

  override willUpdate(): void {
    this.hidden = this.brake === null
  }

  override render() {
    if (this.brake === null) return nothing
    const { silent, of, since } = this.brake
    return html`<sky-banner tone="bad" heading="The brake holds: ${silent} of ${of} workers are silent">
      <p>
        No service has been moved by itself <sky-time span .at=${since}></sky-time>. So many at once are rarely dead; more
        likely this platform is cut off from them. What runs on them goes on running.
      </p>
      <p>
        Check this platform's own network first. The brake lets go by itself when fewer than half are silent. If the
        machines are gone for good, open one and move its services by hand.
      </p>
    </sky-banner>`
  }
}
