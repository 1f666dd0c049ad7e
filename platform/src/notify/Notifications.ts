import type { WorkerId } from "@skypanel/contract/Id"
import type { Notification } from "@skypanel/contract/Notification"
import { Context, type Effect } from "effect"
import type { SqlError } from "effect/sql"

export interface Told extends Pick<Notification, "kind" | "tone" | "title" | "body"> {
  readonly workerId: WorkerId | null
}
export class Notifications extends Context.Service<
  Notifications,
  { readonly tell: (told: Told) => Effect.Effect<void, SqlError.SqlError> }
>()("platform/notify/Notifications") {}
