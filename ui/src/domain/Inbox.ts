import type { Notification, NotificationList } from "@skypanel/contract/Notification"

/** What a user was told, newest first, put together from a list and a stream that overlap. */
export interface Inbox {
  readonly notifications: readonly Notification[]
  readonly unread: number
}

export const emptyInbox: Inbox = { notifications: [], unread: 0 }

/** As many as the platform gives. */
const most = 200

export const inboxOf = ({ notifications, unread }: NotificationList): Inbox => ({ notifications, unread })

/** Those of the stream that are not there yet; ids rise with time, and none is taken twice. */
export const freshIn = (inbox: Inbox, arrived: readonly Notification[]): readonly Notification[] => {
  const known = new Set(inbox.notifications.map(({ id }) => id))
  return arrived.filter(({ id }) => !known.has(id) && known.add(id))
}

export const withArrived = (inbox: Inbox, fresh: readonly Notification[]): Inbox => ({
  notifications: [...fresh.toReversed(), ...inbox.notifications].slice(0, most),
  unread: inbox.unread + fresh.filter(({ read }) => !read).length,
})

/** Unread ones first, each part newest first. */
export const unreadFirst = (notifications: readonly Notification[]): readonly Notification[] => [
  ...notifications.filter(({ read }) => !read),
  ...notifications.filter(({ read }) => read),
]
