import { NotFound } from "@skypanel/contract/Errors"
import {
  type Notification,
  type NotificationList,
  type NotificationPreference,
  notificationKinds,
} from "@skypanel/contract/Notification"
import { Effect } from "effect"
import { instant, type Mutable } from "./fakeRows.ts"
import { idOf } from "./fixtures.ts"

/** What the user of the fake platform was told, and wants to be told. */
export class FakeNotifications {
  /** Oldest first. */
  readonly all: Array<Mutable<Notification>> = []
  /** How often somebody has begun to follow them. */
  followed = 0
  preferences: ReadonlyArray<NotificationPreference> = Object.keys(notificationKinds).map((kind) => ({
    kind: kind as Notification["kind"],
    page: true,
    email: false,
  }))

  tell(title: string, of: Partial<Notification> = {}) {
    this.all.push({
      id: idOf("ntf", this.all.length + 1) as Notification["id"],
      kind: "worker-lost",
      tone: "bad",
      title,
      body: "",
      worker: null,
      path: null,
      at: instant(),
      read: false,
      ...of,
    })
  }

  list(): NotificationList {
    return {
      notifications: this.all.toReversed(),
      unread: this.all.filter((notification) => !notification.read).length,
    }
  }

  read(id: string): Effect.Effect<NotificationList, NotFound> {
    const found = this.all.find((notification) => notification.id === id)
    if (found === undefined)
      return Effect.fail(new NotFound({ message: `There is no notification ${id}.`, next: "" }))
    found.read = true
    return Effect.succeed(this.list())
  }

  readAll(): NotificationList {
    for (const notification of this.all) notification.read = true
    return this.list()
  }

  /** What is behind that one; without one, what comes from now on. */
  after(id: string | undefined): () => ReadonlyArray<Notification> {
    this.followed += 1
    const index = this.all.findIndex((notification) => notification.id === id)
    let sent = id === undefined ? this.all.length : index + 1
    return () => {
      const news = this.all.slice(sent)
      sent = this.all.length
      return news
    }
  }
}
