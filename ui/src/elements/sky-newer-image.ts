import type { ImageCheck } from "@skypanel/contract/ImageCheck"
import type { Service } from "@skypanel/contract/Service"
import { css, html, LitElement, nothing } from "lit"
import { customElement, property, state } from "lit/decorators.js"
import { asProblem } from "../data/problem.ts"
import { redeployService } from "../data/services.ts"
import { can } from "../domain/can.ts"
import { pathOf } from "../domain/paths.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { fire } from "./events.ts"
import { icon } from "./icons.ts"
import "./sky-banner.ts"
import "./sky-time.ts"

/** Says that the tag of a service's image leads to something newer, and deploys it. Nothing where it does not. */
@customElement("sky-newer-image")
export class SkyNewerImage extends LitElement {
  @property({ attribute: false }) check: ImageCheck | null = null
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  @state() private busy = false

  static override styles = [
    base,
    controls,
    css`
      p a {
        text-decoration: underline;
      }
    `,
  ]

  override willUpdate(): void {
    this.hidden = this.check?.state !== "newer"
  }

  override render() {
    const { check } = this
    if (check?.state !== "newer" || check.found === null) return nothing
    const { digest, since, deployment } = check.found
    const whyNot = this.busy ? "It is under way." : can.redeploy(this.service)
    return html`<sky-banner heading="A newer image is available">
      <p>
        <code>${check.reference}</code> leads to <code title=${digest}>${digest.slice(0, 19)}</code>, seen
        <sky-time .at=${since}></sky-time>.
        ${deployment === null ? nothing : this.earlier(deployment)}
      </p>
      <button
        slot="actions"
        class="primary"
        aria-disabled=${whyNot === null ? "false" : "true"}
        title=${whyNot ?? nothing}
        @click=${() => whyNot === null && this.deploy()}
      >
        ${icon("redeploy")} Deploy it
      </button>
    </sky-banner>`
  }

  private earlier(number: number) {
    const { organization } = this
    const href = pathOf({ view: "deployment", organization, service: this.service.name, number })
    return html`<a href=${href}>Deployment #${number}</a> is of it.`
  }

  private async deploy(): Promise<void> {
    this.busy = true
    try {
      const { service, deployment } = await redeployService(this.organization, this.service.name)
      fire(this, "sky-go", {
        view: "deployment",
        organization: this.organization,
        service: service.name,
        number: deployment.number,
      })
    } catch (error) {
      fire(this, "sky-notice", { tone: "bad", text: asProblem(error).message })
    } finally {
      this.busy = false
    }
  }
}
