import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer, PubSub, Schedule, Schema, Stream } from "effect"

/** A row changed; ids only, so readers read the row. All null: changes may have been missed, read everything. */
export const RowChange = Schema.Struct({
  table: Schema.NullOr(Schema.String),
  organization: Schema.NullOr(Schema.String),
  service: Schema.NullOr(Schema.String),
  deployment: Schema.NullOr(Schema.String),
  build: Schema.NullOr(Schema.String),
  worker: Schema.NullOr(Schema.String),
})
export type RowChange = typeof RowChange.Type

const missed: RowChange = {
  table: null,
  organization: null,
  service: null,
  deployment: null,
  build: null,
  worker: null,
}

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(RowChange))

interface Numbered {
  readonly number: number
  readonly change: RowChange
}

/** The changes that a follower got, with `missed` in place of those that it was too slow for. */
export const withGaps = <E, R>(numbered: Stream.Stream<Numbered, E, R>): Stream.Stream<RowChange, E, R> =>
  Stream.mapAccum(
    numbered,
    (): number | null => null,
    (last, { number, change }) =>
      [number, last === null || number === last + 1 ? [change] : [missed, change]] as const,
  )

/**
 * PostgreSQL's NOTIFY as a stream that every part of the platform can follow. A slow follower loses the oldest
 * changes, and is told so.
 */
export class Changes extends Context.Service<
  Changes,
  {
    readonly stream: Stream.Stream<RowChange>
    /** Runs `look` now, after each change that `concerns` it, and every `every`, until it gives a value. */
    readonly until: <A, E, R>(
      look: Effect.Effect<A | null, E, R>,
      concerns: (change: RowChange) => boolean,
    ) => Effect.Effect<A, E, R>
  }
>()("platform/store/Changes") {
  static readonly layer = Layer.effect(
    Changes,
    Effect.gen(function* () {
      const pg = yield* PgClient.PgClient
      const pubsub = yield* PubSub.sliding<Numbered>(1024)
      let number = 0
      const listen = Stream.unwrap(
        Effect.map(pg.listen("live"), (queue) =>
          Stream.concat(Stream.succeed(null), Stream.fromQueue(queue)),
        ),
      )
      yield* listen.pipe(
        Stream.runForEach((notice) =>
          Effect.flatMap(notice === null ? Effect.succeed(missed) : decode(notice.payload ?? ""), (change) =>
            PubSub.publish(pubsub, { number: ++number, change }),
          ),
        ),
        Effect.tapError((error) => Effect.logWarning("lost the connection that listens for changes", error)),
        // A lost connection: listen again, and say that changes may have been missed.
        Effect.retry(Schedule.spaced("1 second")),
        Effect.forkScoped,
      )
      const stream = withGaps(Stream.fromPubSub(pubsub))
      const until = <A, E, R>(
        look: Effect.Effect<A | null, E, R>,
        concerns: (change: RowChange) => boolean,
      ): Effect.Effect<A, E, R> =>
        Effect.scoped(
          Effect.gen(function* () {
            const subscription = yield* PubSub.subscribe(pubsub)
            while (true) {
              const found = yield* look
              if (found !== null) return found
              yield* Effect.race(waitFor(subscription, concerns), Effect.sleep("1 second"))
            }
          }),
        )
      return Changes.of({ stream, until })
    }),
  )
}

const waitFor = (subscription: PubSub.Subscription<Numbered>, concerns: (change: RowChange) => boolean) =>
  Effect.gen(function* () {
    while (true) {
      const { change } = yield* PubSub.take(subscription)
      if (change.table === null || concerns(change)) return
    }
  })
