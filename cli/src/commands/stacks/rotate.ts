import type { Stack } from "@skypanel/contract/Stack"
import { referringTo } from "@skypanel/contract/StackReferences"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { confirmed, yes } from "../../confirm.ts"
import { NothingThere } from "../../Failure.ts"
import * as flags from "../../flags.ts"
import { connectToOrganization } from "../../Platform.ts"
import { Screen } from "../../Screen.ts"
import { showRevision, stackName } from "./change.ts"

const questionOf = (stack: Stack, secret: string) => {
  const users = referringTo(secret, stack.services)
  const deployed =
    users.length === 0
      ? "Nothing refers to it."
      : `${users.join(" and ")} will be deployed, one after another.`
  return `Give ${secret} of ${stack.name} a new value? ${deployed}`
}

export const rotate = Command.make(
  "rotate",
  {
    name: stackName,
    secret: Argument.String("secret").pipe(Argument.withDescription("Such as db.password")),
    yes,
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const { client, organization } = yield* connectToOrganization
    const stack = yield* client.stacks.get({ params: { organization, stack: given.name } })
    if (!stack.secrets.some(({ name }) => name === given.secret))
      return yield* new NothingThere({
        message: `${given.name} has no secret ${JSON.stringify(given.secret)}.`,
        next: `See which it has: skypanel stacks show ${given.name}`,
      })
    const asked = {
      question: questionOf(stack, given.secret),
      whether: `${given.secret} may be rotated`,
      verb: "rotate",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was rotated.")
    yield* showRevision(
      ({ client, organization }) =>
        client.stacks.rotate({ params: { organization, stack: given.name, secret: given.secret } }),
      given,
    )
  }),
).pipe(
  Command.withDescription(
    "Give a secret of a stack a new value: its service is deployed with it, then what refers to it. Where that fails the value of before stays. Asks before, unless --yes",
  ),
  Command.withShortDescription("Give a secret of a stack a new value"),
)
