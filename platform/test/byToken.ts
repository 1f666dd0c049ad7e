import { Unauthorized } from "@skypanel/contract/Errors"
import type { UserId } from "@skypanel/contract/Id"
import { Authorization, CurrentUser } from "@skypanel/contract/Session"
import { Effect, Layer, Redacted } from "effect"

/** Takes every token for the name of its user; whoever's is `admin` is an administrator. */
export const layerByToken = Layer.succeed(
  Authorization,
  Authorization.of({
    cookie: () => Effect.fail(new Unauthorized({ message: "Sign in first.", next: "" })),
    bearer: (answer, { credential }) => {
      const name = Redacted.value(credential)
      const user = {
        id: "usr_1" as UserId,
        email: `${name}@example.com`,
        name,
        administrator: name === "admin",
      }
      return answer.pipe(Effect.provideService(CurrentUser, user))
    },
  }),
)
