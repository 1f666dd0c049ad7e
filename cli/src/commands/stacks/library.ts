import type { StackHistory } from "@skypanel/contract/StackTemplate"
import { Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { NothingThere } from "../../Failure.ts"
import { connectToOrganization } from "../../Platform.ts"
import { stackTemplateList } from "../../render/stack.ts"
import { stackDifferenceLines, stackHistoryLines, stackHistoryList } from "../../render/stackTemplate.ts"
import { logText } from "../../render/text.ts"
import { show } from "../../show.ts"

export const template = Argument.String("stack").pipe(
  Argument.withDescription("Name of the stack in the library"),
)

export const version = Argument.Int("version").pipe(
  Argument.optional,
  Argument.withDescription("Number of the version (default: the newest)"),
)

const newest = ({ name, versions: [version] }: StackHistory) =>
  version === undefined
    ? Effect.fail(
        new NothingThere({
          message: `The stack ${name} has no version.`,
          next: "Add one: skypanel stacks add FILE",
        }),
      )
    : Effect.succeed(version.number)

/** The stack of the name, and what a request about one of its versions bears. */
export const chosen = Effect.fnUntraced(function* (of: {
  readonly template: string
  readonly version: Option.Option<number>
}) {
  const place = yield* connectToOrganization
  const params = { organization: place.organization, template: of.template }
  const number = Option.isSome(of.version)
    ? of.version.value
    : yield* Effect.flatMap(place.client.stackTemplates.get({ params }), newest)
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
  {
    template,
    before: Argument.Int("before").pipe(Argument.withDescription("Number of a version")),
    after: Argument.Int("after").pipe(Argument.withDescription("Number of the version to compare it with")),
  },
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
    drafts: Flag.Boolean("drafts").pipe(
      Flag.withDefault(false),
      Flag.withoutNegation,
      Flag.withDescription("Those that you may change, with their versions, drafts among them"),
    ),
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
