import type { UserId } from "@skypanel/contract/Id"
import type { Notification } from "@skypanel/contract/Notification"
import { Effect, Option, PubSub, Schedule, Stream } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { notificationsBetween } from "../store/Notifications.ts"
import { NotificationFeed } from "./NotificationFeed.ts"

/** A database that is away for a while ends no stream: what is told meanwhile follows when it is back. */
const patiently = <A, R>(effect: Effect.Effect<A, SqlError.SqlError, R>) =>
  effect.pipe(
    Effect.tapError((error) => Effect.logWarning("cannot read notifications; it is tried again", error)),
    Effect.retry(Schedule.spaced("1 second")),
    Effect.orDie, // the schedule has no end
  )

/** Ends when there is news for the user; and now and then, should any have been lost. */
const waitForNews = (news: PubSub.Subscription<UserId>, user: UserId) =>
  Effect.gen(function* () {
    while ((yield* PubSub.take(news)) !== user);
  }).pipe(Effect.timeoutOption("30 seconds"))

/**
 * Everything that the user is told after the notification `after` (null: from now on), each once, in the order of ids.
 * Never ends.
 */
export const followNotifications = (
  user: UserId,
  after: string | null,
): Stream.Stream<Notification, never, SqlClient.SqlClient | NotificationFeed> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const feed = yield* NotificationFeed
      // Before the first look, so that no news falls between the two.
      const news = yield* feed.subscribe
      const start = after ?? (yield* patiently(feed.settled))
      return Stream.paginate(start, (cursor) =>
        Effect.gen(function* () {
          while (true) {
            const settled = yield* feed.lastSettled
            const found = yield* patiently(notificationsBetween(user, cursor, settled))
            const last = found.at(-1)
            if (last !== undefined) return [found, Option.some<string>(last.id)] as const
            yield* waitForNews(news, user)
          }
        }),
      )
    }),
  )
