import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "../../Platform.ts"
import { workerHistory } from "../../render/workerHistory.ts"
import { show } from "../../show.ts"
import { workerName } from "./workerName.ts"

const hours = Flag.Int("hours").pipe(
  Flag.withMetavar("N"),
  Flag.filter(
    (hours) => hours >= 1 && hours <= 168,
    () => "write a number of hours between 1 and 168",
  ),
  Flag.withDefault(3),
  Flag.withDescription("How far back, 1 to 168 (default 3)"),
)

export const history = Command.make(
  "history",
  { name: workerName, hours },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const params = { worker: given.name }
    const { worker, samples } = yield* Effect.all(
      {
        worker: client.workers.get({ params }),
        samples: client.workers.history({ params, query: { hours: given.hours } }),
      },
      { concurrency: 2 },
    )
    yield* show(samples, workerHistory(worker, given.hours))
  }),
).pipe(
  Command.withDescription(
    "Show how a worker's CPU, memory, disk, load and instances went, as charts; with --json the samples",
  ),
)
