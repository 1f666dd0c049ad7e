import {
  type Notification,
  type NotificationPreference,
  notificationKinds,
} from "@skypanel/contract/Notification"
import { table } from "./table.ts"
import { lines, oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import { paintTone } from "./tone.ts"
import type { View } from "./view.ts"

export const notificationList = (
  notifications: ReadonlyArray<Notification>,
  view: View,
): ReadonlyArray<string> =>
  notifications.length === 0
    ? ["No notifications."]
    : table<Notification>(
        [
          { title: "ID", cell: (notification) => notification.id },
          { title: "", cell: (notification) => (notification.read ? "" : "new") },
          { title: "WHEN", cell: (notification) => formatAgo(notification.at, view.now) },
          { title: "KIND", cell: (notification) => notification.kind },
          { title: "WORKER", cell: (notification) => notification.worker ?? "—" },
          {
            title: "WHAT",
            cell: ({ title, body }) => (body === "" ? title : `${title} — ${body}`),
            paint: (text, notification) => paintTone(view.style)(text, notification.tone),
          },
        ],
        notifications,
        { width: view.width, head: view.style.dim },
      )

/** One that has just come, with all that is known. */
export const notificationLines = (
  notification: Notification,
  style: View["style"],
): ReadonlyArray<string> => [
  `${style.dim(oneLine(notification.at))} ${paintTone(style)(oneLine(notification.title), notification.tone)}`,
  ...(notification.body === "" ? [] : lines(notification.body).map((line) => `  ${line}`)),
  ...(notification.path === null
    ? []
    : [`  ${style.dim("The whole log, on the page:")} ${oneLine(notification.path)}`]),
]

const onOff = (on: boolean): string => (on ? "on" : "off")

export const preferenceList = (
  preferences: ReadonlyArray<NotificationPreference>,
  view: View,
): ReadonlyArray<string> =>
  table<NotificationPreference>(
    [
      { title: "KIND", cell: (preference) => preference.kind },
      { title: "PAGE", cell: (preference) => onOff(preference.page) },
      { title: "EMAIL", cell: (preference) => onOff(preference.email) },
      { title: "TELLS OF", cell: (preference) => notificationKinds[preference.kind], shrink: true },
    ],
    preferences,
    { width: view.width, head: view.style.dim },
  )
