import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { commonImageList } from "../../render/commonImages.ts"
import { show } from "../../show.ts"

export const warm = Command.make(
  "warm",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    const { common, warmWorkers, policy } = yield* client.fleet.get()
    yield* show({ common, warmWorkers }, (shown, view) => {
      if (policy.warmMiB === 0)
        return "Workers keep nothing warm. To change that: skypanel workers policy set warm=2GiB"
      return common.length === 0
        ? "There is nothing yet that several services have in common."
        : commonImageList(shown, view)
    })
  }),
).pipe(
  Command.withDescription(
    "Show what several services have in common, and how many workers have fetched it ahead. How much that may be: skypanel workers policy set warm=2GiB, or warm=off",
  ),
  Command.withShortDescription("Show what workers fetch ahead"),
)
