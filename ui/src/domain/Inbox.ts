import type { Notification, NotificationList } from "@skypanel/contract/Notification"

/** What a user was told, newest first, put together from a list and a stream that overlap. */
export interface Inbox {
  readonly notifications: readonly Notification[]
  readonly unread: number
}

export const emptyInbox: Inbox = { notifications: [], unread: 0 }

/** As many as the platform gives. */
const most = 200

/** Those of the stream that are not there yet; ids rise with time, and none is taken twice. */
export const freshIn = (inbox: Inbox, arrived: readonly Notification[]): readonly Notification[] => {
  const known = new Set(inbox.notifications.map(({ id }) => id))
  return arrived.filter(({ id }) => !known.has(id) && known.add(id))
}

export const withArrived = (inbox: Inbox, fresh: readonly Notification[]): Inbox => ({
  notifications: [...fresh.toReversed(), ...inbox.notifications].slice(0, most),
  unread: inbox.unread + fresh.filter(({ read }) => !read).length,
})

/** A list that was just read, with what the stream brought after it was made. */
export const withList = (inbox: Inbox, { notifications, unread }: NotificationList): Inbox => {
  const newest = notifications[0]?.id ?? ""
  const later = inbox.notifications.filter(({ id }) => id > newest)
  return withArrived({ notifications, unread }, later.toReversed())
}

/** Unread ones first, each part newest first. `kept`: those that were unread when somebody began to look. */
export const unreadFirst = (
  notifications: readonly Notification[],
  kept: ReadonlySet<string> = new Set(),
): readonly Notification[] => {
  const first = ({ id, read }: Notification) => !read || kept.has(id)
  return [...notifications.filter(first), ...notifications.filter((one) => !first(one))]
}
