import type { NotificationList } from "@skypanel/contract/Notification"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "../../Platform.ts"
import { notificationList } from "../../render/notification.ts"
import { show } from "../../show.ts"

const unreadOf = (list: NotificationList): NotificationList => ({
  ...list,
  notifications: list.notifications.filter((notification) => !notification.read),
})

/** The word for all that concerns notifications; alone it lists them. */
export const notificationsAlone = Command.make(
  "notifications",
  {
    unread: Flag.Boolean("unread").pipe(
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("Only those that were not read"),
    ),
  },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const list = yield* client.notifications.list()
    yield* show(given.unread ? unreadOf(list) : list, ({ notifications }, view) =>
      notificationList(notifications, view),
    )
  }),
).pipe(Command.withDescription("List what you were told of, newest first, or follow and choose it"))
