import { css, html, LitElement, nothing } from "lit"
import { customElement } from "lit/decorators.js"
import { inbox } from "../data/inbox.ts"
import { asProblem } from "../data/problem.ts"
import { fire } from "../elements/events.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-empty.ts"
import "../elements/sky-notification-list.ts"
import "../elements/sky-preferences.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"

/** Everything somebody was told, newest first, and what they want to be told. */
@customElement("sky-notifications")
export class SkyNotifications extends LitElement {
  private stop: (() => void) | null = null

  static override styles = [
    base,
    controls,
    css`
      .list {
        overflow: hidden;
      }
    `,
  ]

  override connectedCallback(): void {
    super.connectedCallback()
    this.stop = inbox.listen(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.stop?.()
  }

  override render() {
    const { notifications, unread } = inbox.current
    return html`<div class="stack">
      <div class="row wrap spread">
        <h1>Notifications</h1>
        ${unread === 0 ? nothing : html`<button @click=${this.readAll}>${icon("check")} Mark all ${unread} read</button>`}
      </div>
      ${
        notifications.length === 0
          ? html`<sky-empty heading="Nothing yet">
              <p>When a worker is lost, drained or nearly used up, it is told here and, if you wish, by e-mail.</p>
            </sky-empty>`
          : html`<div class="card list">
              <sky-notification-list .notifications=${notifications} @read=${this.read}></sky-notification-list>
            </div>`
      }
      <sky-preferences></sky-preferences>
    </div>`
  }

  private read(event: CustomEvent<string>): void {
    inbox.markRead(event.detail).catch((error) => this.complain(error))
  }

  private readAll(): void {
    inbox.markAllRead().catch((error) => this.complain(error))
  }

  private complain(error: unknown): void {
    fire(this, "sky-notice", { tone: "bad", text: asProblem(error).message })
  }
}
