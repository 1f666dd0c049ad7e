import { Api } from "@skypanel/contract/Api"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeNotifications } from "../FakeNotifications.ts"
import { session } from "../fixtures.ts"
import { polled } from "./polled.ts"

export const notificationsHandlers = (notifications: FakeNotifications) =>
  HttpApiBuilder.group(Api, "notifications", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        list: () => Effect.sync(() => notifications.list()),
        read: ({ params }) => notifications.read(params.notification),
        readAll: () => Effect.sync(() => notifications.readAll()),
        follow: ({ query }) => Effect.sync(() => polled(notifications.after(query.after))),
        preferences: () => Effect.sync(() => notifications.preferences),
        setPreferences: ({ payload }) =>
          Effect.sync(() => {
            notifications.preferences = payload
            return payload
          }),
        testEmail: () => Effect.succeed({ sentTo: session.user.email }),
      }),
    ),
  )
