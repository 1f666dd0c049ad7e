import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { confirmed, yes } from "../../confirm.ts"
import { connectToOrganization } from "../../Platform.ts"
import { variableList } from "../../render/variables.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"
import { name } from "../name.ts"
import { importFile, set, unset } from "./change.ts"

const list = Command.make(
  "list",
  { name },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const service = yield* client.services.get({ params: { organization, service: given.name } })
    yield* show(service, variableList)
  }),
).pipe(Command.withDescription("List the variables of a service; of secret ones everything but the value"))

const forget = Command.make(
  "forget",
  {
    name,
    variable: Argument.String("variable").pipe(Argument.withDescription("A secret variable")),
    yes,
  },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const { client, organization } = yield* connectToOrganization
    const asked = {
      question: `Forget every value of ${given.variable} but the one of now, for good? Releases that have another one will be deployed with this one.`,
      whether: `other values of ${given.variable} may be forgotten`,
      verb: "forget",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was forgotten.")
    const params = { organization, service: given.name, secret: given.variable }
    yield* show(yield* client.services.forgetSecret({ params }), variableList)
  }),
).pipe(
  Command.withDescription(
    "Remove the other values that a secret variable had, such as one that is known to others; asks before, unless --yes",
  ),
  Command.withShortDescription("Remove earlier values of a secret variable"),
)

export const env = Command.make("env").pipe(
  Command.withDescription("Environment variables of a service, in clear and secret"),
  Command.withSubcommands([list, set, unset, importFile, forget]),
)
