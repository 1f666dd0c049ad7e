import { Effect, Stream } from "effect"
import { Command } from "effect/cli"
import { connectToOrganization } from "../../Platform.ts"
import { differenceLines, historyLines } from "../../render/templateVersion.ts"
import { logText } from "../../render/text.ts"
import { show } from "../../show.ts"
import { compared, version } from "../versions.ts"
import { chosen, template } from "./template.ts"

export const showTemplate = Command.make(
  "show",
  { template },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, template: given.template }
    yield* show(yield* client.templates.get({ params }), historyLines)
  }),
).pipe(Command.withDescription("Show a template that is not shipped: its versions, options and expression"))

export const log = Command.make(
  "log",
  { template, version },
  Effect.fn(function* (given) {
    const { client, params } = yield* chosen(given)
    const text = yield* Stream.mkString(Stream.decodeText(yield* client.templates.trialLog({ params })))
    const lines = text.split("\n").slice(0, -1)
    yield* show({ lines }, (_, { style }) => lines.map((line) => logText(line, style)))
  }),
).pipe(Command.withDescription("Show what the trial build of a version has written until now"))

export const diff = Command.make(
  "diff",
  { template, ...compared },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const { before, after } = given
    const params = { organization, template: given.template, before, after }
    yield* show(yield* client.templates.compare({ params }), differenceLines)
  }),
).pipe(
  Command.withDescription(
    "Show what changed from one version to another: options, configuration, expression",
  ),
)
