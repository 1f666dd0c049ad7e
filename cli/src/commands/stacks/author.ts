import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { confirmed, yes } from "../../confirm.ts"
import * as flags from "../../flags.ts"
import { changesOf, lookUntil } from "../../lookUntil.ts"
import { connectToOrganization } from "../../Platform.ts"
import { stackVersionLine, trialLines } from "../../render/stackTemplate.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"
import { readStack } from "../../stackFile.ts"
import { waitFor, waitingTime } from "../../waiting.ts"
import { everyone, mustBeValid, offeredLine, version, versionIn } from "../versions.ts"
import { chosen, template } from "./library.ts"

export const add = Command.make(
  "add",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("A stack.json, or its folder; its icon and expressions are beside it"),
    ),
    everyone,
  },
  Effect.fn(function* (given) {
    const payload = yield* readStack(given.file, given.everyone)
    const { client, organization } = yield* connectToOrganization
    const added = yield* client.stackTemplates.add({ params: { organization }, payload })
    yield* show(added, ({ name, versions }) => [
      `Version ${versions[0]!.number} of ${name} is a draft.`,
      `Try it: skypanel stacks validate ${name} --wait`,
    ])
  }),
).pipe(
  Command.withDescription("Add a stack to the library, or a new version of one that is there, as a draft"),
  Command.withExamples([{ command: "skypanel stacks add ./shop", description: "The stack of a folder" }]),
)

export const validate = Command.make(
  "validate",
  { template, version, wait: flags.wait, timeout: flags.timeout },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const atMost = yield* waitingTime(given.timeout)
    const { client, organization, params } = yield* chosen(given)
    const started = yield* client.stackTemplates.validate({ params })
    const seeIt = `skypanel stacks templates show ${params.template}`
    if (!given.wait)
      return yield* show(started, () => [
        `The trial builds of version ${params.number} have started.`,
        `See how they go: ${seeIt}`,
      ])
    const look = Effect.map(client.stackTemplates.get({ params }), (history) =>
      versionIn(history, params.number)?.state === "validating" ? null : history,
    )
    const history = yield* lookUntil(changesOf(client, organization), look).pipe(
      waitFor({ atMost, notYet: "The trial builds have not ended", goesOn: `They go on: ${seeIt}` }),
    )
    const ended = versionIn(history, params.number)
    for (const line of ended === null ? [] : trialLines(ended, screen.err)) yield* screen.note(line)
    yield* show(history, (_, { style }) => (ended === null ? [] : [stackVersionLine(ended, style)]))
    yield* mustBeValid(ended, params)
  }),
).pipe(Command.withDescription("Build each service of a draft for trial; only what was built is published"))

export const publish = Command.make(
  "publish",
  { template, version },
  Effect.fn(function* (given) {
    const { client, params } = yield* chosen(given)
    yield* show(yield* client.stackTemplates.publish({ params }), () => [offeredLine(params)])
  }),
).pipe(Command.withDescription("Offer a version that was validated, or one that was withdrawn again"))

export const withdraw = Command.make(
  "withdraw",
  { template, version },
  Effect.fn(function* (given) {
    const { client, params } = yield* chosen(given)
    yield* show(yield* client.stackTemplates.withdraw({ params }), () => [
      `Version ${params.number} of ${params.template} is offered no more; stacks that are made from it go on.`,
    ])
  }),
).pipe(Command.withDescription("Offer a version no more; a draft is deleted, and its trial builds end"))

export const remove = Command.make(
  "remove",
  { template, yes },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const asked = {
      question: `Remove ${given.template} from the library? Stacks that are made from it go on; when there are none, it is deleted.`,
      whether: `${given.template} may be removed`,
      verb: "remove it",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was changed.")
    const { client, organization } = yield* connectToOrganization
    yield* client.stackTemplates.remove({ params: { organization, template: given.template } })
    yield* show({ removed: given.template }, () => [`${given.template} is removed from the library.`])
  }),
).pipe(
  Command.withDescription(
    "Remove a stack from the library, and no stack that was made from it. Asks before, unless --yes",
  ),
)
