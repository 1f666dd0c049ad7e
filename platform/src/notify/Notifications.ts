import { NotFound, type Unavailable } from "@skypanel/contract/Errors"
import { NotificationId, type OrganizationId, type UserId } from "@skypanel/contract/Id"
import type { Notification, NotificationList, NotificationPreference } from "@skypanel/contract/Notification"
import { Context, Effect, Layer, Schema, Stream } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { allPreferences } from "../domain/notifications.ts"
import { Mail } from "../mail/Mail.ts"
import {
  listNotifications,
  markAllRead,
  markRead,
  preferencesOf,
  savePreference,
  type Told,
} from "../store/Notifications.ts"
import { followNotifications } from "./follow.ts"
import { NotificationFeed } from "./NotificationFeed.ts"
import { tellAdministrators, tellMembers, tellOwners, tellStarter } from "./tell.ts"
import { makeTestEmail } from "./testEmail.ts"

const isNotificationId = Schema.is(NotificationId)

type Listed = Effect.Effect<NotificationList, SqlError.SqlError>
type Preferences = Effect.Effect<ReadonlyArray<NotificationPreference>, SqlError.SqlError>

const noSuch = new NotFound({
  message: "You have no such notification.",
  next: "It may have been removed: what is older than 90 days, or than your last 1,000, goes.",
})

/** What people are told, on the page and by e-mail. Whatever names a user reaches that user's own rows only. */
export class Notifications extends Context.Service<
  Notifications,
  {
    /**
     * Tells every administrator who has not switched it off. Within a transaction it is a part of it: what is rolled
     * back was never told (not within `asTenant`, whose role may not write here). The title is cut at 200 characters,
     * the body at 2,000. The same kind, worker and title within a minute is told once. No e-mail is sent here: it is
     * written down for the outbox.
     */
    readonly tell: (told: Told) => Effect.Effect<void, SqlError.SqlError>
    /** The same, for the owners of an organization. */
    readonly tellOwners: (organization: OrganizationId, told: Told) => Effect.Effect<void, SqlError.SqlError>
    /** The same, for all members of an organization. */
    readonly tellMembers: (organization: OrganizationId, told: Told) => Effect.Effect<void, SqlError.SqlError>
    /** The same, for the member with this address; where there is none, for the organization's owners and administrators. */
    readonly tellStarter: (
      organization: OrganizationId,
      startedBy: string | null,
      told: Told,
    ) => Effect.Effect<void, SqlError.SqlError>
    readonly list: (user: UserId) => Listed
    readonly read: (
      user: UserId,
      notification: string,
    ) => Effect.Effect<NotificationList, NotFound | SqlError.SqlError>
    readonly readAll: (user: UserId) => Listed
    /** What comes after the notification `after`, each once; without it, or if it is none, from now on. Never ends. */
    readonly follow: (user: UserId, after: string | undefined) => Stream.Stream<Notification>
    /** One of each kind. */
    readonly preferences: (user: UserId) => Preferences
    /** Sets those that are given. */
    readonly setPreferences: (user: UserId, preferences: ReadonlyArray<NotificationPreference>) => Preferences
    /** Sends an e-mail at once and waits until the mail server has taken it; at most one in ten seconds to a user. */
    readonly testEmail: (user: UserId, address: string) => Effect.Effect<void, Unavailable>
  }
>()("platform/notify/Notifications") {
  static readonly layer = Layer.effect(
    Notifications,
    Effect.gen(function* () {
      const feed = yield* NotificationFeed
      const context = yield* Effect.map(
        Effect.context<SqlClient.SqlClient | Mail | NotificationFeed>(),
        Context.pick(SqlClient.SqlClient, Mail, NotificationFeed),
      )
      const list = (user: UserId) =>
        Effect.flatMap(feed.settled, (settled) => listNotifications(user, settled)).pipe(
          Effect.provideContext(context),
        )
      const preferences = (user: UserId) =>
        Effect.map(preferencesOf(user), allPreferences).pipe(Effect.provideContext(context))

      return Notifications.of({
        tell: (told) => tellAdministrators(told).pipe(Effect.provideContext(context)),
        tellOwners: (organization, told) =>
          tellOwners(organization, told).pipe(Effect.provideContext(context)),
        tellMembers: (organization, told) =>
          tellMembers(organization, told).pipe(Effect.provideContext(context)),
        tellStarter: (organization, startedBy, told) =>
          tellStarter(organization, startedBy, told).pipe(Effect.provideContext(context)),
        list,
        read: (user, notification) =>
          Effect.gen(function* () {
            if (!isNotificationId(notification) || !(yield* markRead(user, notification)))
              return yield* noSuch
            return yield* list(user)
          }).pipe(Effect.provideContext(context)),
        readAll: (user) =>
          Effect.gen(function* () {
            yield* markAllRead(user, yield* feed.settled)
            return yield* list(user)
          }).pipe(Effect.provideContext(context)),
        follow: (user, after) =>
          followNotifications(user, isNotificationId(after) ? after : null).pipe(
            Stream.provideContext(context),
          ),
        preferences,
        setPreferences: (user, given) =>
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            yield* sql.withTransaction(
              Effect.forEach(given, (preference) => savePreference(user, preference)),
            )
            return yield* preferences(user)
          }).pipe(Effect.provideContext(context)),
        testEmail: yield* makeTestEmail,
      })
    }),
  ).pipe(Layer.provide(NotificationFeed.layer))
}
