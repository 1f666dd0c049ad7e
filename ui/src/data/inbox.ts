import type { Notification, NotificationList } from "@skypanel/contract/Notification"
import { emptyInbox, freshIn, type Inbox, withArrived, withList } from "../domain/Inbox.ts"
import { followNotifications, markAllRead, markRead, readNotifications } from "./notifications.ts"
import { patiently } from "./patience.ts"

/** Sorts before every id: whoever has nothing yet is told everything. */
const beforeAll = `ntf_${"0".repeat(24)}`

type ArrivalListener = (fresh: readonly Notification[]) => void

/** The inbox of who is signed in, live, shared by everything on the page that shows it. */
class LiveInbox {
  current: Inbox = emptyInbox
  /** False until the list was read once: what comes before is no news. */
  private read = false
  private user: string | null = null
  private stop: (() => void) | null = null
  private readonly listeners = new Set<() => void>()
  private readonly arrivalListeners = new Set<ArrivalListener>()

  /** Null follows nobody's. Following the same one again changes nothing. */
  follow(user: string | null): void {
    if (user === this.user) return
    this.stop?.()
    this.stop = null
    this.user = user
    this.read = false
    this.put(emptyInbox)
    if (user !== null) void this.start(user)
  }

  /** Calls back whenever it is another. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Calls back with what is new, each once. */
  onArrival(listener: ArrivalListener): () => void {
    this.arrivalListeners.add(listener)
    return () => this.arrivalListeners.delete(listener)
  }

  async markRead(id: string): Promise<void> {
    this.take(await markRead(id))
  }

  async markAllRead(): Promise<void> {
    this.take(await markAllRead())
  }

  /** The list first, so that the stream can start behind its newest: nothing falls between the two. */
  private async start(user: string): Promise<void> {
    await this.readList(user)
    if (this.user !== user) return
    let opened = 0
    this.stop = followNotifications(() => this.current.notifications[0]?.id ?? beforeAll, {
      items: (arrived) => this.arrive(arrived),
      live: (live) => {
        if (!live) return
        opened += 1
        // Meanwhile some may have been read on another screen.
        if (opened > 1 || !this.read) void this.readList(user)
      },
    })
  }

  private async readList(user: string): Promise<void> {
    try {
      const list = await patiently(readNotifications)
      if (this.user === user) this.take(list)
    } catch {
      // It is read again when the stream opens.
    }
  }

  private take(list: NotificationList): void {
    this.read = true
    this.put(withList(this.current, list))
  }

  private arrive(arrived: readonly Notification[]): void {
    const fresh = freshIn(this.current, arrived)
    if (fresh.length === 0) return
    this.put(withArrived(this.current, fresh))
    if (this.read) for (const listener of this.arrivalListeners) listener(fresh)
  }

  private put(current: Inbox): void {
    this.current = current
    for (const listener of this.listeners) listener()
  }
}

export const inbox = new LiveInbox()
