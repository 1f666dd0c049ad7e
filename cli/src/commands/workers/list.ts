import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Json } from "../../flags.ts"
import { type Client, connect } from "../../Platform.ts"
import { fleetNotes, workerList } from "../../render/worker.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"

const search = Flag.String("search").pipe(
  Flag.withMetavar("TEXT"),
  Flag.optional,
  Flag.withDescription("Only those with this in their name, region, labels or state"),
)

const empty = (search: Option.Option<string>): string =>
  Option.isSome(search)
    ? "No worker is like that."
    : "No workers yet: nothing can be built or run. Add one: skypanel workers add"

const noteFleet = Effect.fnUntraced(function* (client: Client) {
  if (yield* Json) return
  const screen = yield* Screen
  yield* screen.note(fleetNotes(yield* client.fleet.get(), screen.err))
})

/** Both `workers` and `workers list`. */
const listing = <const Name extends string>(name: Name, description: string) =>
  Command.make(
    name,
    { search },
    Effect.fn(function* (given) {
      const { client } = yield* connect
      const query = Option.isSome(given.search) ? { search: given.search.value } : {}
      const workers = yield* client.workers.list({ query })
      yield* show(workers, (workers, view) =>
        workers.length === 0 ? empty(given.search) : workerList(workers, view),
      )
      yield* noteFleet(client)
    }),
  ).pipe(Command.withDescription(description))

export const listWorkers = listing("list", "List the workers")

/** The word for all that concerns workers; alone it lists them. */
export const workersAlone = listing(
  "workers",
  "List the workers, or add, watch, drain and remove them (for administrators)",
)
