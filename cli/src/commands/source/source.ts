import { Effect } from "effect"
import { Command } from "effect/cli"
import { deliveryList } from "../../render/repository.ts"
import { show } from "../../show.ts"
import { name } from "../name.ts"
import { credential } from "./credential.ts"
import { hook } from "./hook.ts"
import { poll } from "./poll.ts"
import { changing, serviceNamed } from "./repositoryCommand.ts"

const showRepository = changing(
  "show",
  "Show how a service is connected to its repository",
  (client, named) => client.repository.get(named),
)

const deliveries = Command.make(
  "deliveries",
  { name },
  Effect.fn(function* (given) {
    const { client, named } = yield* serviceNamed(given.name)
    yield* show(yield* client.repository.deliveries(named), deliveryList)
  }),
).pipe(Command.withDescription("List what the webhook delivered, newest first, and what came of it"))

const forgetHostKeys = changing(
  "forget-host-keys",
  "Forget the ssh host keys that were seen; the next fetch takes whichever the host shows then, and keeps to it",
  (client, named) => client.repository.forgetHostKeys(named),
)

export const source = Command.make("source").pipe(
  Command.withDescription(
    "Connect a service to its Git repository: credentials, host keys, and deployment by webhook",
  ),
  Command.withShortDescription("Connect a service to its Git repository"),
  Command.withSubcommands([showRepository, credential, hook, poll, deliveries, forgetHostKeys]),
)
