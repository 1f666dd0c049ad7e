import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { confirmed, yes } from "../../confirm.ts"
import * as flags from "../../flags.ts"
import { changesOf, lookUntil } from "../../lookUntil.ts"
import { connectToOrganization } from "../../Platform.ts"
import { failureLines } from "../../render/deployment.ts"
import { versionLine } from "../../render/templateVersion.ts"
import { Screen } from "../../Screen.ts"
import { show } from "../../show.ts"
import { readTemplate } from "../../templateFile.ts"
import { waitFor, waitingTime } from "../../waiting.ts"
import { everyone, mustBeValid, offeredLine, version, versionIn } from "../versions.ts"
import { chosen, template } from "./template.ts"

export const add = Command.make(
  "add",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("A template.json, or its folder; default.nix and the icon are beside it"),
    ),
    everyone,
  },
  Effect.fn(function* (given) {
    const payload = yield* readTemplate(given.file, given.everyone)
    const { client, organization } = yield* connectToOrganization
    yield* show(yield* client.templates.add({ params: { organization }, payload }), ({ name, versions }) => [
      `Version ${versions[0]!.number} of ${name} is a draft.`,
      `Try it: skypanel templates validate ${name} --wait`,
    ])
  }),
).pipe(
  Command.withDescription("Add a template, or a new version of one that is there, as a draft"),
  Command.withExamples([
    { command: "skypanel templates add ./wiki", description: "The template of a folder" },
  ]),
)

export const validate = Command.make(
  "validate",
  { template, version, wait: flags.wait, timeout: flags.timeout },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const atMost = yield* waitingTime(given.timeout)
    const { client, organization, params } = yield* chosen(given)
    const started = yield* client.templates.validate({ params })
    if (!given.wait)
      return yield* show(started, () => [
        `The trial build of version ${params.number} has started.`,
        `See how it goes: skypanel templates show ${params.template}`,
      ])
    const look = Effect.map(client.templates.get({ params }), (history) =>
      versionIn(history, params.number)?.state === "validating" ? null : history,
    )
    const history = yield* lookUntil(changesOf(client, organization), look).pipe(
      waitFor({
        atMost,
        notYet: "The trial build has not ended",
        goesOn: `It goes on: skypanel templates show ${params.template}`,
      }),
    )
    const ended = versionIn(history, params.number)
    if (ended?.failure) yield* screen.note(failureLines(ended.failure, screen.err))
    yield* show(history, (_, { style }) => (ended === null ? [] : [versionLine(ended, style)]))
    yield* mustBeValid(ended, params)
  }),
).pipe(
  Command.withDescription(
    "Build a draft for trial, in your organization's turn; only what was built is published",
  ),
)

export const publish = Command.make(
  "publish",
  { template, version },
  Effect.fn(function* (given) {
    const { client, params } = yield* chosen(given)
    yield* show(yield* client.templates.publish({ params }), () => [offeredLine(params)])
  }),
).pipe(Command.withDescription("Offer a version that was validated, or one that was withdrawn again"))

export const withdraw = Command.make(
  "withdraw",
  { template, version },
  Effect.fn(function* (given) {
    const { client, params } = yield* chosen(given)
    yield* show(yield* client.templates.withdraw({ params }), () => [
      `Version ${params.number} of ${params.template} is offered no more; what is made from it goes on.`,
    ])
  }),
).pipe(Command.withDescription("Offer a version no more; a draft is deleted, and its trial build ends"))

export const remove = Command.make(
  "remove",
  { template, yes },
  Effect.fn(function* (given) {
    const screen = yield* Screen
    const asked = {
      question: `Remove the template ${given.template}? What is made from it goes on; what nothing uses is deleted.`,
      whether: `${given.template} may be removed`,
      verb: "remove it",
    }
    if (!given.yes && !(yield* confirmed(asked))) return yield* screen.note("Nothing was changed.")
    const { client, organization } = yield* connectToOrganization
    yield* client.templates.remove({ params: { organization, template: given.template } })
    yield* show({ removed: given.template }, () => [`The template ${given.template} is removed.`])
  }),
).pipe(Command.withDescription("Offer a template no more. Asks before, unless --yes"))
