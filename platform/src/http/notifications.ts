import { Api } from "@skypanel/contract/Api"
import { Notification, type NotificationPreference, organizationKinds } from "@skypanel/contract/Notification"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Notifications } from "../notify/Notifications.ts"
import { orUnavailable } from "../store/Database.ts"
import { eventStream } from "./eventStream.ts"

/** Of what only administrators are told nobody else has to choose anything. */
const concerning =
  ({ administrator }: { readonly administrator: boolean }) =>
  (preferences: ReadonlyArray<NotificationPreference>) =>
    administrator ? preferences : preferences.filter(({ kind }) => organizationKinds.includes(kind))

export const layerNotifications = HttpApiBuilder.group(
  Api,
  "notifications",
  Effect.fn(function* (handlers) {
    const notifications = yield* Notifications
    return handlers
      .handle("list", () =>
        Effect.flatMap(CurrentUser, ({ id }) => notifications.list(id)).pipe(orUnavailable),
      )
      .handle("read", ({ params }) =>
        Effect.flatMap(CurrentUser, ({ id }) => notifications.read(id, params.notification)).pipe(
          orUnavailable,
        ),
      )
      .handle("readAll", () =>
        Effect.flatMap(CurrentUser, ({ id }) => notifications.readAll(id)).pipe(orUnavailable),
      )
      .handleRaw("follow", ({ query }) =>
        Effect.map(CurrentUser, ({ id }) => eventStream(Notification, notifications.follow(id, query.after))),
      )
      .handle("preferences", () =>
        Effect.flatMap(CurrentUser, (user) =>
          Effect.map(notifications.preferences(user.id), concerning(user)),
        ).pipe(orUnavailable),
      )
      .handle("setPreferences", ({ payload }) =>
        Effect.flatMap(CurrentUser, (user) =>
          Effect.map(notifications.setPreferences(user.id, payload), concerning(user)),
        ).pipe(orUnavailable),
      )
      .handle("testEmail", () =>
        Effect.gen(function* () {
          const { email, id } = yield* CurrentUser
          yield* notifications.testEmail(id, email)
          return { sentTo: email }
        }),
      )
  }),
)
