import { Effect } from "effect"
import { Command } from "effect/cli"
import { Json } from "../../flags.ts"
import { followNotifications } from "../../followNotifications.ts"
import { connect } from "../../Platform.ts"
import { notificationLines } from "../../render/notification.ts"
import { Screen } from "../../Screen.ts"

export const followNew = Command.make(
  "follow",
  {},
  Effect.fn(function* () {
    const screen = yield* Screen
    const json = yield* Json
    const { client } = yield* connect
    yield* followNotifications(client, (notification) =>
      screen.print(json ? JSON.stringify(notification) : notificationLines(notification, screen.out)),
    )
  }),
).pipe(Command.withDescription("Print new notifications as they come, until Ctrl-C"))
