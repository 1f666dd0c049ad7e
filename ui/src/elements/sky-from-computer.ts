import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readServices } from "../data/services.ts"
import { base } from "../style/base.ts"
import { fire } from "./events.ts"
import "./sky-commands.ts"
import "./sky-problem.ts"

/** What to do on one's own computer; it waits for that, and goes to the deployment that comes of it. */
@customElement("sky-from-computer")
export class SkyFromComputer extends LitElement {
  @property() service = ""
  @property() organization = ""
  /** The number of the newest deployment when this was opened; 0: there is no such service. */
  private known: number | null = null

  private readonly newest = new Resource(this, {
    key: () => (this.service === "" ? null : ([this.organization, this.service] as const)),
    read: async ([organization, name], signal) => {
      const services = await readServices(organization, signal)
      return services.find((service) => service.name === name)?.deployment?.number ?? 0
    },
    on: (change, [, name]) => change.service === name,
  })

  static override styles = [
    base,
    css`
      section {
        padding: 16px;
        display: grid;
        gap: 16px;
        grid-template-columns: minmax(0, 1fr);
      }
    `,
  ]

  override updated(): void {
    const number = this.newest.value
    if (number === undefined) {
      this.known = null
      return
    }
    this.known ??= number
    if (number <= this.known) return
    this.known = number
    const { organization, service } = this
    fire(this, "sky-go", { view: "deployment", organization, service, number })
  }

  override render() {
    return html`<section class="card" aria-labelledby="commands">
      <h2 id="commands">On your computer</h2>
      <sky-commands .service=${this.service} .organization=${this.organization}></sky-commands>
      <p role="status">
        ${
          this.newest.value === undefined || this.newest.value === 0
            ? html`Waiting for what you send: <strong>${this.service}</strong> is created by it, and this page goes there.`
            : html`<strong>${this.service}</strong> is there already: what you send is deployed in its place.`
        }
      </p>
      <p class="small muted">
        Memory, variables and all the rest are set with flags of <code>skypanel deploy</code>, or later in the page.
      </p>
      <sky-problem .problem=${this.newest.problem} retryable @retry=${() => this.newest.reload()}></sky-problem>
    </section>`
  }
}
