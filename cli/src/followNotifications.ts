import type { Notification } from "@skypanel/contract/Notification"
import { Effect, Stream } from "effect"
import { follow } from "./follow.ts"
import type { Client } from "./Platform.ts"

/** From now on each notification once, also those that came while the platform was away. */
export const followNotifications = Effect.fnUntraced(function* <R>(
  client: Client,
  each: (notification: Notification) => Effect.Effect<void, never, R>,
) {
  const before = yield* client.notifications.list()
  let last = before.notifications[0]?.id ?? null

  /** There is none yet to go on from: whatever is listed has come since. */
  const first = Effect.gen(function* () {
    const coming = yield* client.notifications.follow({ query: {} })
    const { notifications } = yield* client.notifications.list()
    const listed = new Set(notifications.map(({ id }) => id))
    return Stream.concat(
      Stream.fromIterable(notifications.toReversed()),
      coming.pipe(Stream.filter(({ id }) => !listed.has(id))),
    )
  })

  yield* follow({
    open: () => (last === null ? first : client.notifications.follow({ query: { after: last } })),
    each: (notification) =>
      Effect.suspend(() => {
        last = notification.id
        return each(notification)
      }),
    ended: Effect.succeed(false),
  })
})
