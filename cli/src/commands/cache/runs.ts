import type { ArtifactRun } from "@skypanel/contract/Artifacts"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { EndedOtherwise } from "../../Failure.ts"
import * as flags from "../../flags.ts"
import { changesOfFleet, lookUntil } from "../../lookUntil.ts"
import { type Client, connect } from "../../Platform.ts"
import { runWords } from "../../render/artifacts.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"
import { waitFor, waitingTime } from "../../waiting.ts"

/** Shows what a run has done so far on standard error, until it has ended. */
const awaitRun = Effect.fnUntraced(function* (client: Client, id: string) {
  const screen = yield* Screen
  let before = ""
  const look = Effect.gen(function* () {
    const { runs } = yield* client.artifacts.get()
    const run = runs.find((one) => one.id === id)
    if (run === undefined)
      return yield* new EndedOtherwise({
        message: "Others were started since.",
        next: "See what they did: skypanel cache status",
      })
    const words = runWords(run)
    if (words !== before) yield* screen.note(words)
    before = words
    return run.state === "running" ? null : run
  })
  return yield* lookUntil(changesOfFleet(client), look)
})

const started = (kind: ArtifactRun["kind"]) =>
  Effect.fn(function* (given: { readonly wait: boolean; readonly timeout: string }) {
    const atMost = yield* waitingTime(given.timeout)
    const { client } = yield* connect
    const first = yield* kind === "collection" ? client.artifacts.collect() : client.artifacts.verify()
    const last = given.wait
      ? yield* awaitRun(client, first.id).pipe(
          waitFor({ atMost, notYet: "Not done", goesOn: "It goes on. See it: skypanel cache status" }),
        )
      : first
    yield* show(last, (run) => runWords(run))
    if (last.state === "failed")
      return yield* new EndedOtherwise({
        message: `The ${kind} failed: ${last.message}`,
        next: "It may be started again: what was done stays done.",
      })
  })

const waiting = { wait: flags.wait, timeout: flags.timeout }

export const collect = Command.make("collect", waiting, started("collection")).pipe(
  Command.withDescription(
    "Start a collection now: what nothing leads to is answered no more, and what an earlier collection buried is deleted once the grace time is over. `skypanel cache plan` shows what would go.",
  ),
  Command.withShortDescription("Start a collection now"),
)

export const verify = Command.make("verify", waiting, started("verification")).pipe(
  Command.withDescription(
    "Read every file and compare it with what is known of it, 64 MiB a second; `skypanel cache status` lists what is damaged.",
  ),
  Command.withShortDescription("Read every file and look for damage"),
)
