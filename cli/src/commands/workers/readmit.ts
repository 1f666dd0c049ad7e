import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { oneLine } from "../../render/text.ts"
import { show } from "../../show.ts"
import { workerName } from "./workerName.ts"

export const readmit = Command.make(
  "readmit",
  { name: workerName },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const worker = yield* client.workers.readmit({ params: { worker: given.name } })
    yield* show(worker, () => `${oneLine(worker.name)} is out of quarantine: it is ${worker.state}.`)
  }),
).pipe(Command.withDescription("End the quarantine of a worker that came and went"))
