import { Effect } from "effect"
import { Command } from "effect/cli"
import { connectToOrganization } from "../../Platform.ts"
import { historyList, templateList } from "../../render/template.ts"
import { show } from "../../show.ts"
import { drafts } from "../versions.ts"
import { add, publish, remove, validate, withdraw } from "./change.ts"
import { diff, log, showTemplate } from "./show.ts"
import { update } from "./update.ts"

const list = Command.make(
  "list",
  {
    drafts,
  },
  Effect.fn(function* ({ drafts }) {
    const { client, organization } = yield* connectToOrganization
    const params = { organization }
    if (drafts) return yield* show(yield* client.templates.manage({ params }), historyList)
    yield* show(yield* client.templates.list({ params }), templateList)
  }),
).pipe(Command.withDescription("List the templates that a service can start from"))

export const templates = Command.make(
  "templates",
  {},
  Effect.fn(function* () {
    const { client, organization } = yield* connectToOrganization
    yield* show(yield* client.templates.list({ params: { organization } }), templateList)
  }),
).pipe(
  Command.withDescription("List the templates that a service can start from; add and change your own"),
  Command.withSubcommands([list, showTemplate, diff, add, validate, log, publish, withdraw, remove, update]),
)
