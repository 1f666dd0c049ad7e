import { Forbidden } from "@skypanel/contract/Errors"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"

/** The user that asks, if that one runs the platform. */
export const administrator = Effect.gen(function* () {
  const user = yield* CurrentUser
  if (!user.administrator)
    return yield* new Forbidden({
      message: "The fleet is for administrators of the platform.",
      next: "Ask one of them.",
    })
  return user
})
