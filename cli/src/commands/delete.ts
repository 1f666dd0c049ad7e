import { Effect } from "effect"
import { Command } from "effect/cli"
import { confirmed, yes } from "../confirm.ts"
import * as flags from "../flags.ts"
import { connectToOrganization } from "../Platform.ts"
import { Screen } from "../Screen.ts"
import { show } from "../show.ts"
import { waitingTime } from "../waiting.ts"
import { awaitService } from "../watch.ts"
import { name } from "./name.ts"

export const deleteService = Command.make(
  "delete",
  {
    name,
    yes,
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const atMost = yield* waitingTime(given.timeout)
    const place = yield* connectToOrganization
    const params = { organization: place.organization, service: given.name }
    // Before the question: nobody should think about a name that is not there.
    yield* place.client.services.get({ params })
    const asked = {
      question: `Delete ${given.name} with its releases and logs for good?`,
      whether: `${given.name} may be deleted`,
      verb: "delete",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was deleted.")
    const service = yield* place.client.services.delete({ params })
    if (given.wait) yield* awaitService(place, given.name, atMost, (service) => service === null)
    yield* show(service, () => (given.wait ? `${given.name} is deleted.` : `${given.name} is being deleted.`))
  }),
).pipe(Command.withDescription("Delete a service with its releases and logs; asks before, unless --yes"))
