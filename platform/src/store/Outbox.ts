import type { NotificationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { mailAgeMostHours } from "../domain/mailRetry.ts"

export interface WaitingMail {
  readonly id: NotificationId
  readonly title: string
  readonly body: string
  readonly worker: string | null
  readonly path: string | null
  readonly mail_address: string
  readonly mail_attempts: number
  readonly age_seconds: number
}

/**
 * An e-mail that is due; null when none is. Nobody else takes it for `leaseSeconds`; whoever has not said by then what
 * became of it is taken for dead.
 */
export const claimMail = (leaseSeconds: number) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<WaitingMail>`
        update notification n set mail_next_at = now() + make_interval(secs => ${leaseSeconds})
        from (
          select id from notification where mail = 'waiting' and mail_next_at <= now()
          order by mail_next_at, id limit 1 for update skip locked
        ) due
        where n.id = due.id
        returning n.id, n.title, n.body, n.path, n.mail_address, n.mail_attempts,
          (select w.name from worker w where w.id = n.worker_id) as worker,
          extract(epoch from now() - n.created_at)::float8 as age_seconds`,
      (rows) => rows[0] ?? null,
    ),
  )

export const endMail = (id: NotificationId, end: "sent" | "failed") =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`update notification set mail = ${end}, mail_next_at = null where id = ${id} and mail = 'waiting'`,
  )

export const postponeMail = (id: NotificationId, attempts: number, seconds: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update notification
      set mail_attempts = ${attempts}, mail_next_at = now() + make_interval(secs => ${seconds})
      where id = ${id} and mail = 'waiting'`,
  )

/** E-mails that waited for a day without being tried: no mail server was set up meanwhile, or no platform ran. */
export const expireMail = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`update notification set mail = 'failed', mail_next_at = null
    where mail = 'waiting' and created_at < now() - make_interval(hours => ${mailAgeMostHours})`,
)
