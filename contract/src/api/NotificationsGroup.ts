import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { NotFound, Unavailable } from "../Errors.ts"
import { Notification, NotificationList, NotificationPreference } from "../Notification.ts"
import { Authorization } from "../Session.ts"

/** What the asking user was told. */
export class NotificationsGroup extends HttpApiGroup.make("notifications")
  .add(
    HttpApiEndpoint.get("list", "/", { success: NotificationList, error: Unavailable }),
    HttpApiEndpoint.post("read", "/:notification/read", {
      params: { notification: Schema.String },
      success: NotificationList,
      error: [NotFound, Unavailable],
    }),
    HttpApiEndpoint.post("readAll", "/read", { success: NotificationList, error: Unavailable }),
    /** New ones as they come; with `after`, first those that came after that one: nothing is lost over a reconnect. */
    HttpApiEndpoint.get("follow", "/follow", {
      query: { after: Schema.optionalKey(Schema.String) },
      success: HttpApiSchema.StreamSse({ data: Notification }),
      error: Unavailable,
    }),
    HttpApiEndpoint.get("preferences", "/preferences", {
      success: Schema.Array(NotificationPreference),
      error: Unavailable,
    }),
    HttpApiEndpoint.put("setPreferences", "/preferences", {
      payload: Schema.Array(NotificationPreference).check(Schema.isMaxLength(50)),
      success: Schema.Array(NotificationPreference),
      error: Unavailable,
    }),
    /** Sends the asking user one e-mail, to see that it arrives. */
    HttpApiEndpoint.post("testEmail", "/test-email", {
      success: Schema.Struct({ sentTo: Schema.String }),
      error: Unavailable,
    }),
  )
  .prefix("/notifications")
  .middleware(Authorization) {}
