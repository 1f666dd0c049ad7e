import { type BuildRecord, BuildState, buildsPerPage } from "@skypanel/contract/BuildRecord"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { BadInput } from "../Failure.ts"
import { connect, connectToOrganization } from "../Platform.ts"
import { buildList } from "../render/build.ts"
import { buildHistoryList } from "../render/buildHistory.ts"
import { show } from "../show.ts"
import { ordinalFlag } from "./ordinal.ts"

const all = Flag.Boolean("all").pipe(
  Flag.withDefault(false),
  Flag.withoutNegation,
  Flag.withDescription("Of all organizations, for administrators"),
)

const name = Argument.String("name").pipe(
  Argument.optional,
  Argument.withDescription("Every build of this service, instead of what runs and waits"),
)

const state = Flag.Literals("state", BuildState.literals).pipe(
  Flag.optional,
  Flag.withDescription("With a service: only those that are so"),
)

const before = ordinalFlag("before").pipe(
  Flag.withMetavar("N"),
  Flag.optional,
  Flag.withDescription("With a service: only those before deployment N"),
)

const lines = Flag.Int("lines").pipe(
  Flag.withAlias("n"),
  Flag.withMetavar("N"),
  Flag.filter(
    (count) => count >= 1 && count <= 100,
    () => "write a number of builds between 1 and 100",
  ),
  Flag.withDefault(buildsPerPage),
  Flag.withDescription("With a service: how many of the newest"),
)

interface Asked {
  readonly state: Option.Option<BuildRecord["state"]>
  readonly before: Option.Option<number>
  readonly lines: number
}

const history = Effect.fnUntraced(function* (service: string, asked: Asked) {
  const { client, organization } = yield* connectToOrganization
  const query = {
    limit: asked.lines,
    ...(Option.isSome(asked.state) ? { state: asked.state.value } : {}),
    ...(Option.isSome(asked.before) ? { before: asked.before.value } : {}),
  }
  const found = yield* client.deployments.builds({ params: { organization, service }, query })
  yield* show(found, buildHistoryList(service))
})

export const builds = Command.make(
  "builds",
  { name, all, state, before, lines },
  Effect.fn(function* (given) {
    if (given.all) {
      if (Option.isSome(given.name))
        return yield* new BadInput({
          message: "--all shows what runs and waits, and no single service.",
          next: "Leave one of them out.",
          issues: [],
        })
      const { client } = yield* connect
      return yield* show(yield* client.builds.listAll(), buildList)
    }
    if (Option.isSome(given.name)) return yield* history(given.name.value, given)
    const { client, organization } = yield* connectToOrganization
    yield* show(yield* client.builds.list({ params: { organization } }), buildList)
  }),
).pipe(
  Command.withDescription(
    "List the builds that run and that wait, with their place in the queue and why; or every build of a service",
  ),
  Command.withShortDescription("List what is being built, or every build of a service"),
  Command.withExamples([
    { command: "skypanel builds shop", description: "Its newest 50 builds" },
    { command: "skypanel builds shop --state failed --json", description: "Those that failed" },
  ]),
)
