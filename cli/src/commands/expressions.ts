import { lineDiff } from "@skypanel/contract/lineDiff"
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { NothingThere } from "../Failure.ts"
import * as flags from "../flags.ts"
import { connectToOrganization, type Place } from "../Platform.ts"
import { diffLines, expressionList } from "../render/expression.ts"
import { lines } from "../render/text.ts"
import { show } from "../show.ts"
import { showStarted } from "../started.ts"
import { name } from "./name.ts"
import { ordinal } from "./ordinal.ts"

const version = (name: string, what: string) => ordinal(name).pipe(Argument.withDescription(what))

const read = ({ client, organization }: Place, service: string, number: number) =>
  client.expressions.get({ params: { organization, service, number } })

/** The one that was asked for, or the newest. */
const readOrNewest = Effect.fnUntraced(function* (
  place: Place,
  service: string,
  asked: Option.Option<number>,
) {
  if (Option.isSome(asked)) return yield* read(place, service, asked.value)
  const { organization, client } = place
  const [newest] = yield* client.expressions.list({ params: { organization, service } })
  if (newest === undefined)
    return yield* new NothingThere({
      message: `${service} was never made from a Nix expression.`,
      next: `See what it is made from: skypanel status ${service}`,
    })
  return yield* read(place, service, newest.version)
})

const showOne = Command.make(
  "show",
  {
    name,
    version: version("version", "Number of the version (default: the newest)").pipe(Argument.optional),
  },
  Effect.fn(function* (given) {
    const place = yield* connectToOrganization
    const found = yield* readOrNewest(place, given.name, given.version)
    yield* show(found, ({ expression }) => lines(expression.replace(/\n$/, "")))
  }),
).pipe(Command.withDescription("Print a version of a service's Nix expression"))

const diff = Command.make(
  "diff",
  {
    name,
    before: version("before", "Number of the version before"),
    after: version("after", "Number of the version after (default: the newest)").pipe(Argument.optional),
  },
  Effect.fn(function* (given) {
    const place = yield* connectToOrganization
    const before = yield* read(place, given.name, given.before)
    const after = yield* readOrNewest(place, given.name, given.after)
    yield* show(lineDiff(before.expression, after.expression), diffLines)
  }),
).pipe(Command.withDescription("Show what changed from one version of a Nix expression to another"))

const restore = Command.make(
  "restore",
  { name, version: version("version", "Number of the version"), wait: flags.wait, timeout: flags.timeout },
  Effect.fn(function* (given) {
    const place = yield* connectToOrganization
    const { expression } = yield* read(place, given.name, given.version)
    const params = { organization: place.organization, service: given.name }
    const payload = { source: { _tag: "expression" as const, expression } }
    yield* showStarted(place, place.client.services.update({ params, payload }), given)
  }),
).pipe(Command.withDescription("Deploy an earlier version of a service's Nix expression"))

export const expressions = Command.make(
  "expressions",
  { name },
  Effect.fn(function* (given) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization, service: given.name }
    yield* show(yield* client.expressions.list({ params }), expressionList)
  }),
).pipe(
  Command.withDescription(
    "List the versions of a service's Nix expression, compare them, and go back to one",
  ),
  Command.withSubcommands([showOne, diff, restore]),
)
