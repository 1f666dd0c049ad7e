import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../Platform.ts"
import { sessionLines } from "../render/session.ts"
import { templateList } from "../render/template.ts"
import { show } from "../show.ts"

export const templates = Command.make(
  "templates",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    yield* show(yield* client.templates.list(), templateList)
  }),
).pipe(Command.withDescription("List the templates that a service can start from"))

export const whoami = Command.make(
  "whoami",
  {},
  Effect.fn(function* () {
    const { client, connection } = yield* connect
    yield* show(yield* client.session.get(), (session, view) =>
      sessionLines(session, connection.url, view.style),
    )
  }),
).pipe(Command.withDescription("Show who you are, and on which platform"))
