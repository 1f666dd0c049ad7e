import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "../../Platform.ts"
import { show } from "../../show.ts"
import { workerName } from "./workerName.ts"

export const moveServices = Command.make(
  "move-services",
  {
    name: workerName,
    force: Flag.Boolean("force").pipe(
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("Also while the brake holds: when you know that the silent workers are lost"),
    ),
  },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const worker = yield* client.workers.moveServices({
      params: { worker: given.name },
      payload: given.force ? { force: true } : {},
    })
    yield* show(worker, () => `What runs on ${given.name} is started elsewhere.`)
  }),
).pipe(Command.withDescription("Start elsewhere what runs on a worker that is lost"))
