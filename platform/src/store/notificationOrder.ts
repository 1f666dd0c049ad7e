import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { notificationIdFloor } from "../domain/id.ts"

/**
 * Ids are given when a notification is written, but it is seen when its transaction is committed: one with a smaller id
 * can appear after one with a greater. Who has read up to the greater would never read it. So each writing transaction
 * holds a lock whose number is the time since when it may have been giving ids, and readers stop before the oldest of
 * these. They are shared locks: nobody ever waits for one.
 */
const lockClass = 1_853_121_128

/** A lock's number is an int4: milliseconds, counted anew every 25 days. */
const period = 2n ** 31n

/** In the transaction that writes, before ids are made. */
export const announceWriting = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`select pg_advisory_xact_lock_shared(${lockClass}::int,
    (floor(extract(epoch from clock_timestamp()) * 1000)::bigint % ${period})::int)`,
)

/** By the database's clock, which all platforms share: microseconds since 1970. */
export const databaseMicros = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ micros: bigint }>`select (extract(epoch from clock_timestamp()) * 1000000)::bigint as micros`,
    (rows) => rows[0]!.micros,
  ),
)

/** The last millisecond up to `now` that has this number; for the number of one that is still to come, `now`. */
export const lastMillisecond = (number: bigint, now: bigint): bigint => {
  const age = (((now - number) % period) + period) % period
  return age < period / 2n ? now - age : now
}

/**
 * No notification will appear any more whose id is smaller than this one. To be read in a statement of its own, before
 * the notifications: what is committed in between may be seen, and is not yet counted as settled.
 */
export const settledNotifications = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ now: bigint; lock: bigint | null }>`
    select (extract(epoch from statement_timestamp()) * 1000000)::bigint as now, held.objid::bigint as lock
    from (select 1) one left join pg_locks held on held.locktype = 'advisory' and held.objsubid = 2
      and held.classid = ${lockClass}::bigint::oid
      and held.database = (select oid from pg_database where datname = current_database())`
  const { now } = rows[0]!
  return rows
    .flatMap(({ lock }) => (lock === null ? [] : [lastMillisecond(lock, now / 1000n) * 1000n]))
    .concat(now)
    .map(notificationIdFloor)
    .toSorted()[0]!
})
