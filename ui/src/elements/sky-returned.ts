import type { Deployment } from "@skypanel/contract/Deployment"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { pathOf } from "../domain/paths.ts"
import { base } from "../style/base.ts"
import "./sky-banner.ts"

/** Of a deployment that was left since its release turned bad, and of the one that went back: what happened. */
@customElement("sky-returned")
export class SkyReturned extends LitElement {
  @property({ attribute: false }) deployment: Deployment | null = null
  @property() organization = ""
  @property() service = ""

  static override styles = [
    base,
    css`
      a {
        text-decoration: underline;
      }
    `,
  ]

  /** Without a word it takes no room either. */
  override willUpdate(): void {
    this.hidden = !this.deployment?.returned
  }

  override render() {
    const { deployment } = this
    if (!deployment?.returned) return nothing
    const { returned, trigger } = deployment
    const other = html`<a
      href=${pathOf({
        view: "deployment",
        organization: this.organization,
        service: this.service,
        number: returned.deployment,
      })}
      >deployment #${returned.deployment}</a
    >`
    return trigger === "return"
      ? html`<sky-banner tone="warn" heading="The platform went back to an earlier release">
          <p>The release of ${other} turned bad: ${returned.reason}.</p>
        </sky-banner>`
      : html`<sky-banner tone="bad" heading="Its release turned bad">
          <p>It was left by ${other}: ${returned.reason}.</p>
        </sky-banner>`
  }
}
