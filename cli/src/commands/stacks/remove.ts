import type { VolumesOfDeleted } from "@skypanel/contract/Stack"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { awaitGone } from "../../awaitStack.ts"
import { confirmed, yes } from "../../confirm.ts"
import { BadInput } from "../../Failure.ts"
import * as flags from "../../flags.ts"
import { connectToOrganization } from "../../Platform.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"
import { waitFor, waitingTime } from "../../waiting.ts"
import { stackName } from "./change.ts"

const question: Record<VolumesOfDeleted, (name: string, withVolumes: ReadonlyArray<string>) => string> = {
  delete: (name, withVolumes) =>
    `Delete ${name} with all its services and secrets for good${withVolumes.length === 0 ? "" : `, and what is in the volume of ${withVolumes.join(" and ")}`}?`,
  keep: (name, withVolumes) =>
    `Delete ${name} and its secrets for good, and keep ${withVolumes.join(" and ")}, stopped, with its volume?`,
}

export const deleteStack = Command.make(
  "delete",
  {
    name: stackName,
    volumes: Flag.Literals("volumes", ["delete", "keep"]).pipe(
      Flag.optional,
      Flag.withDescription(
        "What becomes of services with a volume: they go too, or stay as stopped services of their own. Must be said where there is one",
      ),
    ),
    yes,
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const atMost = yield* waitingTime(given.timeout)
    const place = yield* connectToOrganization
    const params = { organization: place.organization, stack: given.name }
    const stack = yield* place.client.stacks.get({ params })
    const withVolumes = stack.services.flatMap(({ name, volume }) => (volume === null ? [] : [name]))
    if (withVolumes.length > 0 && Option.isNone(given.volumes))
      return yield* new BadInput({
        message: `${withVolumes.join(" and ")} has a volume.`,
        next: "Say what becomes of it: --volumes delete, or --volumes keep.",
        issues: [],
      })
    const volumes =
      withVolumes.length === 0 ? "delete" : Option.getOrElse(given.volumes, () => "keep" as const)
    const asked = {
      question: question[volumes](given.name, withVolumes),
      whether: `${given.name} may be deleted`,
      verb: "delete",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was deleted.")
    const deleted = yield* place.client.stacks.delete({ params, query: { volumes } })
    if (given.wait)
      yield* awaitGone(place, given.name).pipe(
        waitFor({
          atMost,
          notYet: "Not gone",
          goesOn: `It goes on. See it: skypanel stacks show ${given.name}`,
        }),
      )
    yield* show(deleted, () => (given.wait ? `${given.name} is deleted.` : `${given.name} is being deleted.`))
  }),
).pipe(Command.withDescription("Delete a stack with its services and secrets; asks before, unless --yes"))
