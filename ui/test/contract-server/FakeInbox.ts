import type { EventEmitter } from "node:events"
import { NotFound } from "@skypanel/contract/Errors"
import {
  type Notification,
  type NotificationKind,
  type NotificationList,
  type NotificationPreference,
  notificationKinds,
} from "@skypanel/contract/Notification"
import { fakeId, now, type Writable } from "./ids.ts"

/** What the administrators of the fake are told; all of them are told the same. */
export class FakeInbox {
  readonly notifications: Writable<Notification>[] = []
  preferences: readonly NotificationPreference[] = (Object.keys(notificationKinds) as NotificationKind[]).map(
    (kind) => ({
      kind,
      page: true,
      email: kind === "worker-lost" || kind === "brake" || kind === "security",
    }),
  )
  private readonly events: EventEmitter

  constructor(events: EventEmitter) {
    this.events = events
  }

  tell(told: Pick<Notification, "kind" | "tone" | "title"> & Partial<Notification>): Notification {
    const notification = {
      id: fakeId("ntf"),
      body: "",
      worker: null,
      path: null,
      at: now(),
      read: false,
      ...told,
    }
    this.notifications.unshift(notification)
    this.events.emit("notifications", [notification])
    return notification
  }

  list(): NotificationList {
    return {
      notifications: this.notifications.slice(0, 200),
      unread: this.notifications.filter(({ read }) => !read).length,
    }
  }

  read(id: string): NotificationList {
    const found = this.notifications.find((one) => one.id === id)
    if (!found)
      throw new NotFound({ message: "There is no such notification.", next: "Read the list again." })
    found.read = true
    return this.list()
  }

  readAll(): NotificationList {
    for (const notification of this.notifications) notification.read = true
    return this.list()
  }

  /** Oldest first, as a stream brings them. */
  after(id: string): readonly Notification[] {
    return this.notifications.filter((one) => one.id > id).toReversed()
  }
}
