import { Api } from "@skypanel/contract/Api"
import { Unavailable } from "@skypanel/contract/Errors"
import { Notification } from "@skypanel/contract/Notification"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Notifications } from "../notify/Notifications.ts"
import { orUnavailable } from "../store/Database.ts"
import { eventStream } from "./eventStream.ts"

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
        Effect.flatMap(CurrentUser, ({ id }) => notifications.preferences(id)).pipe(orUnavailable),
      )
      .handle("setPreferences", ({ payload }) =>
        Effect.flatMap(CurrentUser, ({ id }) => notifications.setPreferences(id, payload)).pipe(
          orUnavailable,
        ),
      )
      .handle("testEmail", () =>
        Effect.gen(function* () {
          const { administrator, email, id } = yield* CurrentUser
          if (!administrator)
            return yield* new Unavailable({
              message: "E-mail is sent to administrators of the platform only.",
              next: "Nothing has to be set up for your own account.",
            })
          yield* notifications.testEmail(id, email)
          return { sentTo: email }
        }),
      )
  }),
)
