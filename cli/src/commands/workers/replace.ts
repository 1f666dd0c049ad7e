import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { installingFlags, showInstalling } from "./installing.ts"
import { workerName } from "./workerName.ts"

export const replaceWorker = Command.make(
  "replace",
  { name: workerName, ...installingFlags },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const request = client.installations.replace({ params: { worker: given.name } })
    yield* showInstalling(client, request, given)
  }),
).pipe(
  Command.withDescription(
    "Give a worker a new identity, for a machine that was set up anew or whose key may be known to others: prints the command to paste there. The old identity is of no use from then on.",
  ),
  Command.withShortDescription("Give a worker a new identity"),
)
