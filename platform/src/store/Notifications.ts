import type { NotificationId, UserId, WorkerId } from "@skypanel/contract/Id"
import type { Notification, NotificationKind, NotificationPreference } from "@skypanel/contract/Notification"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** What is told; the same of it within a minute is told once. */
export interface Told {
  readonly kind: NotificationKind
  readonly tone: Notification["tone"]
  readonly title: string
  readonly body: string
  readonly workerId: WorkerId | null
  /** Where on the page is more. */
  readonly path?: string
}

export interface Addressee {
  readonly id: NotificationId
  readonly user: UserId
  readonly shown: boolean
  /** Where an e-mail goes to; null: none does. */
  readonly mailAddress: string | null
}

/** Of each user at most this many, and none older than this; those whose e-mail still waits stay. */
const keptOfEachUser = 1_000
const keptDays = 90

/**
 * True when this transaction is the one that may tell this now. Nobody waits: another one that holds the lock is telling
 * the same.
 */
export const claimTelling = (told: Told) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ claimed: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(
        ${`notification ${told.kind} ${told.workerId ?? ""} ${told.title}`}, 0)) as claimed`,
      (rows) => rows[0]!.claimed,
    ),
  )

/** Those of the users who were told the same less than a minute ago. */
export const toldAlready = (told: Told, users: ReadonlyArray<UserId>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ user_id: UserId }>`select distinct user_id from notification
        where ${sql.in("user_id", users)} and kind = ${told.kind} and title = ${told.title}
          and worker_id is not distinct from ${told.workerId}
          and created_at > clock_timestamp() - interval '1 minute'`,
      (rows) => new Set(rows.map((row) => row.user_id)),
    ),
  )

export const insertNotification = (told: Told, { id, user, shown, mailAddress }: Addressee) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      insert into notification
        (id, user_id, kind, tone, title, body, worker_id, path, shown, mail, mail_address, mail_next_at)
      values (${id}, ${user}, ${told.kind}, ${told.tone}, ${told.title}, ${told.body}, ${told.workerId},
        ${told.path ?? null}, ${shown},
        ${mailAddress === null ? null : "waiting"}, ${mailAddress}, ${mailAddress === null ? null : sql`now()`})`,
  )

interface ShownRow {
  readonly id: NotificationId
  readonly kind: NotificationKind
  readonly tone: Notification["tone"]
  readonly title: string
  readonly body: string
  readonly worker: string | null
  readonly path: string | null
  readonly created_at: Date
  readonly read_at: Date | null
}

const toNotification = ({ created_at, read_at, ...row }: ShownRow): Notification => ({
  ...row,
  at: created_at.toISOString(),
  read: read_at !== null,
})

/** Newest first, of those before `settled`. */
export const listNotifications = (user: UserId, settled: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<ShownRow>`
      select n.id, n.kind, n.tone, n.title, n.body, w.name as worker, n.path, n.created_at, n.read_at
      from notification n left join worker w on w.id = n.worker_id
      where n.user_id = ${user} and n.shown and n.id < ${settled} order by n.id desc limit 200`
    const [count] = yield* sql<{ unread: bigint }>`select count(*) as unread from notification
      where user_id = ${user} and shown and read_at is null and id < ${settled}`
    return { notifications: rows.map(toNotification), unread: Number(count!.unread) }
  })

/** Oldest first, at most 100: after the one, before the other id. */
export const notificationsBetween = (user: UserId, after: string, settled: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<ShownRow>`select n.id, n.kind, n.tone, n.title, n.body, w.name as worker, n.path, n.created_at, n.read_at
        from notification n left join worker w on w.id = n.worker_id
        where n.user_id = ${user} and n.shown and n.id > ${after} and n.id < ${settled}
        order by n.id limit 100`,
      (rows) => rows.map(toNotification),
    ),
  )

/** Who was told something between the two ids, the first included. */
export const usersToldBetween = (from: string, settled: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ user_id: UserId }>`select distinct user_id from notification
        where id >= ${from} and id < ${settled} and shown`,
      (rows) => rows.map((row) => row.user_id),
    ),
  )

/** False when the user has no such notification. */
export const markRead = (user: UserId, id: NotificationId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql`update notification set read_at = coalesce(read_at, now())
        where id = ${id} and user_id = ${user} and shown returning id`,
      (rows) => rows.length > 0,
    ),
  )

export const markAllRead = (user: UserId, settled: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update notification set read_at = now()
      where user_id = ${user} and shown and read_at is null and id < ${settled}`,
  )

/** What these users chose for the kind. */
export const preferencesFor = (kind: NotificationKind, users: ReadonlyArray<UserId>) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<NotificationPreference & { user_id: UserId }>`
      select user_id, kind, page, email from notification_preference
      where kind = ${kind} and ${sql.in("user_id", users)}`,
  )

export const preferencesOf = (user: UserId) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql<NotificationPreference>`select kind, page, email from notification_preference where user_id = ${user}`,
  )

export const savePreference = (user: UserId, { kind, page, email }: NotificationPreference) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`insert into notification_preference (user_id, kind, page, email)
      values (${user}, ${kind}, ${page}, ${email})
      on conflict (user_id, kind) do update set page = excluded.page, email = excluded.email`,
  )

export const pruneNotifications = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`delete from notification where mail is distinct from 'waiting' and (
    created_at < now() - make_interval(days => ${keptDays})
    or id in (select id from (
      select id, row_number() over (partition by user_id order by id desc) as place from notification
    ) ranked where place > ${keptOfEachUser}))`,
)
