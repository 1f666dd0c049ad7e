import { Effect, type Option, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { connectToOrganization } from "../../Platform.ts"
import { stackTemplateList } from "../../render/stack.ts"
import { stackDifferenceLines, stackHistoryLines, stackHistoryList } from "../../render/stackTemplate.ts"
import { logText } from "../../render/text.ts"
import { show } from "../../show.ts"
import { compared, drafts, numberOf, version } from "../versions.ts"

export const template = Argument.String("stack").pipe(
  Argument.withDescription("Name of the stack in the library"),
)

/** The stack of the name, and what a request about one of its versions bears. */
export const chosen = Effect.fnUntraced(function* (of: {
  readonly template: string
  readonly version: Option.Option<number>
}) {
  const place = yield* connectToOrganization
  const params = { organization: place.organization, template: of.template }
  const history = yield* place.client.stackTemplates.get({ params })
  const number = yield* numberOf(history, of.version, "Add one: skypanel stacks add FILE")
  return { ...place, params: { ...params, number } }
})

const showTemplate = Command.make(
  "show",
  { template },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, template: given.template }
    yield* show(yield* client.stackTemplates.get({ params }), stackHistoryLines)
  }),
).pipe(Command.withDescription("Show a stack that is not shipped: its versions, their trials, its services"))

const log = Command.make(
  "log",
  {
    template,
    service: Argument.String("service").pipe(Argument.withDescription("Which of its services, such as web")),
    version,
  },
  Effect.fn(function* (given) {
    const { client, params } = yield* chosen(given)
    const bytes = yield* client.stackTemplates.trialLog({ params: { ...params, service: given.service } })
    const lines = (yield* Stream.mkString(Stream.decodeText(bytes))).split("\n").slice(0, -1)
    yield* show({ lines }, (_, { style }) => lines.map((line) => logText(line, style)))
  }),
).pipe(Command.withDescription("Show what the trial build of a service has written until now"))

const diff = Command.make(
  "diff",
  { template, ...compared },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const { before, after } = given
    const params = { organization, template: given.template, before, after }
    yield* show(yield* client.stackTemplates.compare({ params }), stackDifferenceLines)
  }),
).pipe(Command.withDescription("Show what changed from one version to another, service by service"))

export const templates = Command.make(
  "templates",
  {
    drafts,
  },
  Effect.fn(function* ({ drafts }) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization }
    if (drafts) return yield* show(yield* client.stackTemplates.manage({ params }), stackHistoryList)
    yield* show(yield* client.stackTemplates.list({ params }), stackTemplateList)
  }),
).pipe(
  Command.withDescription("List the stacks of the library"),
  Command.withSubcommands([showTemplate, log, diff]),
)
