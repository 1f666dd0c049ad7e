import type { AgentUpgrade } from "@skypanel/contract/Fleet"
import { Effect } from "effect"
import { EndedOtherwise } from "./Failure.ts"
import { changesOfFleet, lookUntil } from "./lookUntil.ts"
import type { Client } from "./Platform.ts"
import { upgradeChanges } from "./render/upgrade.ts"
import { Screen } from "./Screen.ts"

/** Shows each worker of an upgrade on standard error, until the upgrade has ended. */
export const awaitUpgrade = Effect.fnUntraced(function* (client: Client, id: AgentUpgrade["id"]) {
  const screen = yield* Screen
  let before: AgentUpgrade | null = null
  const look = Effect.gen(function* () {
    const { upgrade } = yield* client.fleet.get()
    // Only the newest is told of: one that is not any more has ended.
    if (upgrade === null || upgrade.id !== id)
      return yield* new EndedOtherwise({
        message: "Another upgrade was started since.",
        next: "See it: skypanel workers upgrade --show",
      })
    yield* screen.note(upgradeChanges(before, upgrade, screen.err))
    before = upgrade
    return upgrade.state === "running" ? null : upgrade
  })
  return yield* lookUntil(changesOfFleet(client), look)
})

/** Fails when not every worker was brought to the version; where each is, is on the screen already. */
export const mustHaveGoneWell = (upgrade: AgentUpgrade, mayBeStopped: boolean) => {
  if (upgrade.state === "failed")
    return Effect.fail(
      new EndedOtherwise({
        message: `The upgrade failed: ${upgrade.reason}`,
        next: "See that worker: skypanel workers show NAME; the ones behind it run the version before.",
      }),
    )
  if (upgrade.state === "stopped" && !mayBeStopped)
    return Effect.fail(
      new EndedOtherwise({
        message: "The upgrade was stopped.",
        next: "Go on with the workers that are left: skypanel workers upgrade",
      }),
    )
  return Effect.void
}
