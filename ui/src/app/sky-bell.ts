import { html, LitElement, nothing } from "lit"
import { customElement, query, state } from "lit/decorators.js"
import { inbox } from "../data/inbox.ts"
import { asProblem } from "../data/problem.ts"
import { unreadFirst } from "../domain/Inbox.ts"
import { fire } from "../elements/events.ts"
import { icon } from "../elements/icons.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { bellStyle } from "./bellStyle.ts"

/** As many as the panel shows; the page of notifications has all. */
const mostShown = 20

/** How many notifications are unread, and the newest of them in a panel. */
@customElement("sky-bell")
export class SkyBell extends LitElement {
  @state() private open = false
  @state() private loaded = false
  /** What was unread when the panel was opened: it stays on top while it is read. */
  private unreadBefore: ReadonlySet<string> = new Set()
  private stop: (() => void) | null = null
  @query("#panel") private readonly panel!: HTMLElement

  static override styles = [base, controls, bellStyle]

  override connectedCallback(): void {
    super.connectedCallback()
    this.stop = inbox.listen(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.stop?.()
  }

  override render() {
    const { unread } = inbox.current
    return html`<button
        class="quiet icon-only bell"
        popovertarget="panel"
        aria-label=${unread === 0 ? "Notifications" : `Notifications, ${unread} unread`}
      >
        ${icon("bell")}
        ${unread === 0 ? nothing : html`<span class="count number" aria-hidden="true">${unread > 99 ? "99+" : unread}</span>`}
      </button>
      <div id="panel" popover role="dialog" aria-label="Notifications" tabindex="-1" @toggle=${this.onToggle} @click=${this.onClick}>
        ${this.open ? this.content() : nothing}
      </div>`
  }

  private content() {
    const { notifications, unread } = inbox.current
    const shown = unreadFirst(notifications, this.unreadBefore).slice(0, mostShown)
    return html`<div class="row spread head">
        <h2>Notifications</h2>
        ${unread === 0 ? nothing : html`<button class="quiet" @click=${this.readAll}>${icon("check")} Mark all read</button>`}
      </div>
      <div class="body">
        ${
          notifications.length === 0
            ? html`<p class="none muted">Nothing yet. What happens to the workers is told here.</p>`
            : this.loaded
              ? html`<sky-notification-list .notifications=${shown} @read=${this.read}></sky-notification-list>`
              : nothing
        }
      </div>
      <a class="all" href="/notifications">All notifications and preferences</a>`
  }

  private onToggle(event: ToggleEvent): void {
    this.open = event.newState === "open"
    if (!this.open) return
    this.unreadBefore = new Set(inbox.current.notifications.filter(({ read }) => !read).map(({ id }) => id))
    this.panel.focus()
    void import("../elements/sky-notification-list.ts").then(() => {
      this.loaded = true
    })
  }

  /** Whoever follows a link has left the panel. */
  private onClick(event: MouseEvent): void {
    if (event.composedPath().some((target) => target instanceof HTMLAnchorElement)) this.panel.hidePopover()
  }

  private read(event: CustomEvent<string>): void {
    inbox.markRead(event.detail).catch((error) => this.complain(error))
  }

  private readAll(): void {
    this.panel.focus()
    inbox.markAllRead().catch((error) => this.complain(error))
  }

  private complain(error: unknown): void {
    fire(this, "sky-notice", { tone: "bad", text: asProblem(error).message })
  }
}
