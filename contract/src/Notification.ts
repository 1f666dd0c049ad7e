import { Schema } from "effect"
import { NotificationId, Timestamp } from "./Id.ts"

/**
 * What people are told about; each can be switched off per person, on the page and by e-mail. Those of
 * `organizationKinds` are for members of the service's organization, the others for administrators.
 */
export const notificationKinds = {
  "worker-added": "A worker was added or removed",
  "worker-lost": "A worker is suspect or unhealthy, and what was done about it",
  "worker-back": "A worker is back",
  "worker-degraded": "A worker answers, but takes nothing new",
  brake: "So many workers are silent that nothing is moved",
  drain: "A drain has ended, or is stuck",
  alert: "CPU, memory or disk of a worker is nearly used up",
  capacity: "There is no room for a service, or another worker is due",
  upgrade: "An upgrade of the agents has ended",
  security: "An installation's token or a worker's identity was misused",
  returned: "A release turned bad, and the one before it serves again",
  build: "A build of a service failed, or it builds again",
  image: "There is a newer image of a service",
} as const

/**
 * `returned`: the owners. `build`: who started it; where nobody did, owners and administrators of the organization. `image`:
 * all members.
 */
export const organizationKinds: ReadonlyArray<keyof typeof notificationKinds> = ["returned", "build", "image"]

export const NotificationKind = Schema.Literals(
  Object.keys(notificationKinds) as ReadonlyArray<keyof typeof notificationKinds>,
)
export type NotificationKind = typeof NotificationKind.Type

export const Notification = Schema.Struct({
  id: NotificationId,
  kind: NotificationKind,
  tone: Schema.Literals(["info", "good", "warn", "bad"]),
  /** One sentence. */
  title: Schema.String,
  /** What is known and what to do; may be empty. */
  body: Schema.String,
  /** The worker that it is about. */
  worker: Schema.NullOr(Schema.String),
  /** Where on the page is more; null: there is no more. */
  path: Schema.NullOr(Schema.String),
  at: Timestamp,
  read: Schema.Boolean,
})
export type Notification = typeof Notification.Type

/** Newest first, at most 200; `unread` counts all of them. */
export const NotificationList = Schema.Struct({
  notifications: Schema.Array(Notification),
  unread: Schema.Int,
})
export type NotificationList = typeof NotificationList.Type

export const NotificationPreference = Schema.Struct({
  kind: NotificationKind,
  page: Schema.Boolean,
  email: Schema.Boolean,
})
export type NotificationPreference = typeof NotificationPreference.Type
