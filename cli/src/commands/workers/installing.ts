import type { CreatedInstallation } from "@skypanel/contract/Installation"
import { Effect } from "effect"
import { Flag } from "effect/cli"
import { awaitInstallation } from "../../awaitInstallation.ts"
import { awaitActive } from "../../awaitWorker.ts"
import { BadInput } from "../../Failure.ts"
import * as flags from "../../flags.ts"
import type { Client } from "../../Platform.ts"
import { lines, oneLine } from "../../render/text.ts"
import { Screen } from "../../Screen.ts"
import { type Waiting, waitFor, waitingTime } from "../../waiting.ts"

/** How an installation is told of, and whether it is waited for. */
export const installingFlags = {
  script: Flag.Boolean("script").pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription("Print the whole script that the command would run, to read or to carry over"),
  ),
  nixos: Flag.Boolean("nixos").pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription("Print the lines for a NixOS configuration of your own instead"),
  ),
  wait: Flag.Boolean("wait").pipe(
    Flag.withDefault(false),
    Flag.withoutNegation,
    Flag.withDescription("Show how it goes until the worker is active; with --json then a line for each"),
  ),
  timeout: flags.timeout,
}

interface Given extends Waiting {
  readonly script: boolean
  readonly nixos: boolean
}

/** Before anything is asked of the platform: a token that is not shown is lost. */
const checkGiven = Effect.fnUntraced(function* (given: Given) {
  if (given.script && given.nixos)
    return yield* new BadInput({
      message: "--script and --nixos cannot be used together.",
      next: "Choose one of them, or neither for the one command to paste.",
      issues: [],
    })
  return yield* waitingTime(given.timeout)
})

const withoutLastNewline = (text: string): string => text.replace(/\n$/, "")

const printed = (created: CreatedInstallation, given: Given) => {
  if (given.script)
    return {
      before: "Run this as root on the machine. It works once, within an hour.",
      text: created.script,
      after: "",
    }
  if (given.nixos)
    return {
      before:
        "Add this to the machine's NixOS configuration, write the token into the file that it names, for root's eyes only, and run nixos-rebuild switch within an hour.",
      text: created.nixos,
      after: `Token: ${oneLine(created.token)}`,
    }
  return {
    before: "Paste this into a root shell of the machine. It works once, within an hour.",
    text: created.command,
    after: "",
  }
}

const printCreated = Effect.fnUntraced(function* (created: CreatedInstallation, given: Given, json: boolean) {
  const screen = yield* Screen
  const { before, text, after } = printed(created, given)
  if (json) return yield* screen.print(JSON.stringify(created, null, given.wait ? undefined : 2))
  yield* screen.note(before)
  yield* screen.print(lines(withoutLastNewline(text)))
  yield* screen.note([
    ...(after === "" ? [] : [after]),
    `Take it back: skypanel workers revoke ${created.installation.id}`,
  ])
})

/** Makes an installation and tells of it; with `--wait` it ends when the worker is active, with the worker's name. */
export const showInstalling = <E, R>(
  client: Client,
  request: Effect.Effect<CreatedInstallation, E, R>,
  given: Given,
) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const atMost = yield* checkGiven(given)
    const created = yield* request
    const json = yield* flags.Json
    yield* printCreated(created, given, json)
    if (!given.wait) return
    const { id } = created.installation
    const worker = yield* awaitInstallation(client, id).pipe(
      Effect.flatMap((name) => awaitActive(client, name)),
      waitFor({
        atMost,
        notYet: "No active worker",
        goesOn: `It goes on. See it: skypanel workers installations, then skypanel workers; take it back: skypanel workers revoke ${id}`,
      }),
    )
    yield* screen.print(json ? JSON.stringify(worker) : oneLine(worker.name))
  })
