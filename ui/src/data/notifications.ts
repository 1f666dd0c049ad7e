import type { Notification, NotificationList, NotificationPreference } from "@skypanel/contract/Notification"
import { call, client } from "./client.ts"
import { type Follower, subscribe } from "./subscription.ts"

export const readNotifications = (signal?: AbortSignal): Promise<NotificationList> =>
  call(client.notifications.list(), signal)

export const markRead = (notification: string): Promise<NotificationList> =>
  call(client.notifications.read({ params: { notification } }))

export const markAllRead = (): Promise<NotificationList> => call(client.notifications.readAll())

export const readPreferences = (signal?: AbortSignal): Promise<readonly NotificationPreference[]> =>
  call(client.notifications.preferences(), signal)

export const setPreferences = (
  preferences: readonly NotificationPreference[],
): Promise<readonly NotificationPreference[]> =>
  call(client.notifications.setPreferences({ payload: preferences }))

export const sendTestEmail = (): Promise<{ readonly sentTo: string }> =>
  call(client.notifications.testEmail())

/** New ones as they come. After a lost connection the platform starts behind the one that `after` names then. */
export const followNotifications = (
  after: () => string | null,
  follower: Follower<Notification>,
): (() => void) =>
  subscribe(() => {
    const last = after()
    return client.notifications.follow({ query: last === null ? {} : { after: last } })
  }, follower)
