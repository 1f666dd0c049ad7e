import type { Notification } from "@skypanel/contract/Notification"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { repeat } from "lit/directives/repeat.js"
import { eventLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { notificationList } from "../style/notificationList.ts"
import { icon } from "./icons.ts"
import "./sky-state.ts"
import "./sky-time.ts"

declare global {
  interface HTMLElementEventMap {
    /** The notification of this id shall be marked as read. */
    read: CustomEvent<string>
  }
}

const toneWord: Record<Notification["tone"], string> = {
  info: "",
  good: "",
  warn: "Warning: ",
  bad: "Problem: ",
}

/** What somebody was told, in the order given; what is unread is marked and can be marked as read. */
@customElement("sky-notification-list")
export class SkyNotificationList extends LitElement {
  @property({ attribute: false }) notifications: readonly Notification[] = []

  static override styles = [base, controls, notificationList]

  override render() {
    return html`<ul>
      ${repeat(
        this.notifications,
        ({ id }) => id,
        (notification) => this.item(notification),
      )}
    </ul>`
  }

  private item(notification: Notification) {
    const { id, read, title, body, worker, path, tone, at } = notification
    return html`<li class=${read ? "" : "unread"}>
      <sky-state bare .look=${eventLook[tone]}></sky-state>
      <div class="text">
        <p class="title">
          ${read ? nothing : html`<span class="hidden-text">Unread. </span>`}<span class="hidden-text">${toneWord[tone]}</span>${title}
        </p>
        ${body === "" ? nothing : html`<p class="small muted">${body}</p>`}
        <p class="small muted row wrap">
          <sky-time .at=${at}></sky-time>
          ${
            worker === null
              ? nothing
              : html`<a
                  href=${pathOf({ view: "worker", worker, tab: "overview" })}
                  @click=${() => !read && this.tell(id)}
                  >${worker}</a
                >`
          }
          ${
            path === null
              ? nothing
              : html`<a href=${path} aria-label="The whole log: ${title}" @click=${() => !read && this.tell(id)}
                  >The whole log</a
                >`
          }
        </p>
      </div>
      ${
        read
          ? nothing
          : html`<button class="quiet icon-only" aria-label="Mark as read: ${title}" title="Mark as read" @click=${() => this.tell(id)}>
              ${icon("check")}
            </button>`
      }
    </li>`
  }

  private tell(id: string): void {
    this.dispatchEvent(new CustomEvent("read", { detail: id }))
  }
}
