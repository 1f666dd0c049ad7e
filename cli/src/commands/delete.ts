import { Effect } from "effect"
import { Command, Flag, Prompt } from "effect/cli"
import { BadInput } from "../Failure.ts"
import * as flags from "../flags.ts"
import { connectToOrganization } from "../Platform.ts"
import { oneLine } from "../render/text.ts"
import { Screen } from "../Screen.ts"
import { show } from "../show.ts"
import { waitingTime } from "../waiting.ts"
import { awaitService } from "../watch.ts"
import { name } from "./name.ts"

const confirmed = Effect.fnUntraced(function* (service: string) {
  const screen = yield* Screen
  if (!screen.interactive)
    return yield* new BadInput({
      message: `Nobody can be asked whether ${oneLine(service)} may be deleted.`,
      next: "Add --yes to delete without a question.",
      issues: [],
    })
  return yield* Prompt.run(
    Prompt.Confirm({
      message: `Delete ${oneLine(service)} with its releases and logs for good?`,
      initial: false,
    }),
  )
})

export const deleteService = Command.make(
  "delete",
  {
    name,
    yes: Flag.Boolean("yes").pipe(
      Flag.withAlias("y"),
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("Do not ask"),
    ),
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
    if (!given.yes && !(yield* confirmed(given.name))) return yield* screen.note("Nothing was deleted.")
    const service = yield* place.client.services.delete({ params })
    if (given.wait) yield* awaitService(place, given.name, atMost, (service) => service === null)
    yield* show(service, () => (given.wait ? `${given.name} is deleted.` : `${given.name} is being deleted.`))
  }),
).pipe(Command.withDescription("Delete a service with its releases and logs; asks before, unless --yes"))
