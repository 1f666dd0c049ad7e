import type { Installation } from "@skypanel/contract/Installation"
import { Effect } from "effect"
import { EndedOtherwise } from "./Failure.ts"
import { changesOfFleet, lookUntil } from "./lookUntil.ts"
import type { Client } from "./Platform.ts"
import { installationChanges } from "./render/installation.ts"
import { Screen } from "./Screen.ts"

/** Waits until a machine has used an installation, and gives the name of the worker that it became. */
export const awaitInstallation = Effect.fnUntraced(function* (client: Client, id: Installation["id"]) {
  const screen = yield* Screen
  let before: Installation | null = null
  const look = Effect.gen(function* () {
    const now: Installation = yield* client.installations.get({ params: { installation: id } })
    yield* screen.note(installationChanges(before, now, screen.err))
    before = now
    if (now.state === "expired" || now.state === "revoked")
      return yield* new EndedOtherwise({
        message:
          now.state === "expired" ? "No machine has come within the hour." : "The installation was revoked.",
        next: "Make a new one: skypanel workers add",
      })
    return now.state === "used" ? now.worker : null
  })
  return yield* lookUntil(changesOfFleet(client), look)
})
