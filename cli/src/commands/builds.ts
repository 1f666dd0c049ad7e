import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { connect, connectToOrganization } from "../Platform.ts"
import { buildList } from "../render/build.ts"
import { show } from "../show.ts"

const all = Flag.Boolean("all").pipe(
  Flag.withDefault(false),
  Flag.withoutNegation,
  Flag.withDescription("Of all organizations, for administrators"),
)

export const builds = Command.make(
  "builds",
  { all },
  Effect.fn(function* (given) {
    if (given.all) {
      const { client } = yield* connect
      return yield* show(yield* client.builds.listAll(), buildList)
    }
    const { client, organization } = yield* connectToOrganization
    yield* show(yield* client.builds.list({ params: { organization } }), buildList)
  }),
).pipe(
  Command.withDescription("List the builds that run and that wait, with their place in the queue and why"),
)
