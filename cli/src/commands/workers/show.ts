import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { workerDetails } from "../../render/workerDetails.ts"
import { show } from "../../show.ts"
import { workerName } from "./workerName.ts"

export const showWorker = Command.make(
  "show",
  { name: workerName },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const params = { worker: given.name }
    const details = yield* Effect.all(
      { worker: client.workers.get({ params }), instances: client.workers.instances({ params }) },
      { concurrency: 2 },
    )
    yield* show(details, workerDetails)
  }),
).pipe(Command.withDescription("Show a worker: its state, its machine, and what runs there"))
