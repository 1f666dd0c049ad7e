import { PgClient } from "@effect/sql-pg"
import type { UserId } from "@skypanel/contract/Id"
import { Context, Effect, Layer, PubSub, Schedule, type Scope, Stream } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { usersToldBetween } from "../store/Notifications.ts"
import { settledNotifications } from "../store/notificationOrder.ts"

/**
 * Who has news, for everybody in this process who follows notifications: one connection that listens, and one look a
 * second at what is new, so that nothing depends on the connection. Only a hint: who follows reads the rows.
 */
export class NotificationFeed extends Context.Service<
  NotificationFeed,
  {
    /** Before this id nothing will appear any more. Never goes back. */
    readonly settled: Effect.Effect<string, SqlError.SqlError>
    /** The last that was found; at most a second old while the database answers. */
    readonly lastSettled: Effect.Effect<string>
    /** Names a user when something that user was told is before `lastSettled` now. A slow reader loses the oldest. */
    readonly subscribe: Effect.Effect<PubSub.Subscription<UserId>, never, Scope.Scope>
  }
>()("platform/notify/NotificationFeed") {
  static readonly layer = Layer.effect(
    NotificationFeed,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const pg = yield* PgClient.PgClient
      const pubsub = yield* PubSub.sliding<UserId>(1024)
      // What was settled once stays so, even if the transactions that are open now began to write before.
      let last = ""
      const settled = settledNotifications.pipe(
        Effect.map((found) => {
          if (found > last) last = found
          return last
        }),
        Effect.provideService(SqlClient.SqlClient, sql),
      )

      let seen = yield* settled
      const look = Effect.gen(function* () {
        const until = yield* settled
        yield* PubSub.publishAll(pubsub, yield* usersToldBetween(seen, until))
        seen = until
      }).pipe(
        Effect.provideService(SqlClient.SqlClient, sql),
        Effect.catchCause((cause) =>
          Effect.logWarning("cannot look for notifications; it is tried again", cause),
        ),
      )
      const notices = Stream.unwrap(Effect.map(pg.listen("notification"), Stream.fromQueue)).pipe(
        Stream.tapError((error) =>
          Effect.logWarning("lost the connection that listens for notifications", error),
        ),
        Stream.retry(Schedule.spaced("1 second")),
        Stream.map(() => undefined),
      )
      yield* Stream.merge(Stream.tick("1 second"), notices).pipe(
        Stream.buffer({ capacity: 1, strategy: "sliding" }),
        Stream.runForEach(() => look),
        Effect.forkScoped,
      )
      return NotificationFeed.of({
        settled,
        lastSettled: Effect.sync(() => last),
        subscribe: PubSub.subscribe(pubsub),
      })
    }),
  )
}
