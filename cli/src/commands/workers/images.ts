import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { workerImageLines } from "../../render/workerImages.ts"
import { show } from "../../show.ts"
import { workerName } from "./workerName.ts"

export const images = Command.make(
  "images",
  { name: workerName },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const { images, fleet } = yield* Effect.all(
      { images: client.workers.images({ params: { worker: given.name } }), fleet: client.fleet.get() },
      { concurrency: 2 },
    )
    yield* show({ images, policy: fleet.policy.images }, workerImageLines)
  }),
).pipe(
  Command.withDescription(
    "Show what images take on a worker, and which it removed lately. From when on it does that: skypanel workers policy set images.disk=80 images.most=20GiB images.releases=3",
  ),
  Command.withShortDescription("Show what images take there"),
)
