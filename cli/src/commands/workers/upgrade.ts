import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { awaitUpgrade, mustHaveGoneWell } from "../../awaitUpgrade.ts"
import { BadInput, NothingThere } from "../../Failure.ts"
import * as flags from "../../flags.ts"
import { type Client, connect } from "../../Platform.ts"
import { upgradeStatus } from "../../render/upgrade.ts"
import { show } from "../../show.ts"
import { waitFor, waitingTime } from "../../waiting.ts"

const alone = (name: "stop" | "show", description: string) =>
  Flag.Boolean(name).pipe(Flag.withDefault(false), Flag.withoutNegation, Flag.withDescription(description))

const newest = Effect.fnUntraced(function* (client: Client) {
  const { upgrade } = yield* client.fleet.get()
  if (upgrade !== null) return upgrade
  return yield* new NothingThere({
    message: "There was no upgrade yet.",
    next: "Start one: skypanel workers upgrade",
  })
})

const asked = (client: Client, given: { readonly stop: boolean; readonly show: boolean }) => {
  if (given.show) return newest(client)
  return given.stop ? client.fleet.stopUpgrade() : client.fleet.upgrade()
}

export const upgrade = Command.make(
  "upgrade",
  {
    stop: alone("stop", "Stop the one that is under way, behind the worker that it is at"),
    show: alone("show", "Start nothing: show the newest; with --wait follow it to its end"),
    wait: flags.wait,
    timeout: flags.timeout,
  },
  Effect.fn(function* (given) {
    const atMost = yield* waitingTime(given.timeout)
    if (given.stop && given.show)
      return yield* new BadInput({
        message: "--stop and --show cannot be used together.",
        next: "Choose one of them.",
        issues: [],
      })
    const { client } = yield* connect
    const first = yield* asked(client, given)
    const last = given.wait
      ? yield* awaitUpgrade(client, first.id).pipe(
          waitFor({
            atMost,
            notYet: "Not upgraded",
            goesOn:
              "The upgrade goes on. See it: skypanel workers upgrade --show --wait; stop it: skypanel workers upgrade --stop",
          }),
        )
      : first
    yield* show(last, upgradeStatus)
    yield* mustHaveGoneWell(last, given.stop || !given.wait)
  }),
).pipe(
  Command.withDescription(
    "Bring every agent to this platform's version, one worker at a time; services do not restart. The first worker that does not report back gets its version of before and ends it.",
  ),
  Command.withShortDescription("Bring every agent to this platform's version"),
)
