import { GiveToken } from "@skypanel/contract/Repository"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { checked } from "../../checked.ts"
import { deployKeyMade, repositoryDetails } from "../../render/repository.ts"
import { readSecret } from "../../secretInput.ts"
import { show } from "../../show.ts"
import { name } from "../name.ts"
import { changing, serviceNamed } from "./repositoryCommand.ts"

const set = Command.make(
  "set",
  {
    name,
    username: Flag.String("username").pipe(
      Flag.withMetavar("NAME"),
      Flag.optional,
      Flag.withDescription("User name beside the token, where the host wants a certain one"),
    ),
  },
  Effect.fn(function* (given) {
    const { client, named } = yield* serviceNamed(given.name)
    // Before the question: nobody should type a secret for a name that is not there.
    yield* client.repository.get(named)
    const token = yield* readSecret("Access token")
    const request = { token, ...(Option.isSome(given.username) && { username: given.username.value }) }
    const payload = yield* Effect.fromResult(
      checked(GiveToken, request, [], "skypanel source credential set"),
    )
    yield* show(yield* client.repository.giveToken({ ...named, payload }), repositoryDetails)
  }),
).pipe(
  Command.withDescription(
    "Give the access token that the repository is fetched with over https; it is asked for, or read from standard input",
  ),
  Command.withShortDescription("Give an access token"),
)

const make = changing(
  "make",
  "Make a deploy key for a repository that is fetched over ssh, in place of the one before; prints its public half",
  (client, named) => client.repository.makeDeployKey(named),
  deployKeyMade,
)

const remove = changing("remove", "Delete the access token or deploy key", (client, named) =>
  client.repository.removeCredential(named),
)

export const credential = Command.make("credential").pipe(
  Command.withDescription("How a service gets at a repository that is not public"),
  Command.withSubcommands([set, make, remove]),
)
