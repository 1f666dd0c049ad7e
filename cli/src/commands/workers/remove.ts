import type { WorkerInstance } from "@skypanel/contract/Worker"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { awaitRemoved } from "../../awaitWorker.ts"
import { confirmed, yes } from "../../confirm.ts"
import * as flags from "../../flags.ts"
import { connect } from "../../Platform.ts"
import { countInstances } from "../../render/drain.ts"
import { lossLines } from "../../render/loss.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"
import { waitFor, waitingTime } from "../../waiting.ts"
import { workerName } from "./workerName.ts"

const question = (name: string, force: boolean, instances: ReadonlyArray<WorkerInstance>): string => {
  if (force) return `Remove ${name} at once, with all that is only there?`
  const first =
    instances.length === 0
      ? "Nothing runs there"
      : `What runs there (${countInstances(instances.length)}) is moved away first`
  return `Remove ${name}? ${first}; its history stays.`
}

export const removeWorker = Command.make(
  "remove",
  {
    name: workerName,
    force: Flag.Boolean("force").pipe(
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("At once, without draining: for a machine that is gone for good"),
    ),
    yes,
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const atMost = yield* waitingTime(given.timeout)
    const { client } = yield* connect
    const params = { worker: given.name }
    // Before the question: nobody should think about a name that is not there.
    const worker = yield* client.workers.get({ params })
    const instances = yield* client.workers.instances({ params })
    if (given.force) yield* screen.note(lossLines(instances, screen.err))
    const asked = {
      question: question(given.name, given.force, instances),
      whether: `${given.name} may be removed`,
      verb: "remove",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was removed.")
    const started = yield* client.workers.remove({ params, query: given.force ? { force: "true" } : {} })
    if (!given.wait)
      return yield* show(started, () =>
        started.state === "removed" ? `${given.name} is removed.` : `${given.name} is being removed.`,
      )
    const removed = yield* awaitRemoved(client, worker).pipe(
      waitFor({
        atMost,
        notYet: "Not removed",
        goesOn: `It goes on. See it: skypanel workers show ${given.name}; stop it: skypanel workers undrain ${given.name}`,
      }),
    )
    yield* show(removed, () => `${given.name} is removed.`)
  }),
).pipe(
  Command.withDescription(
    "Remove a worker: drains it, lets it leave and revokes its identity; its history stays. Asks before, unless --yes.",
  ),
  Command.withShortDescription("Drain a worker and remove it; asks before, unless --yes"),
)
