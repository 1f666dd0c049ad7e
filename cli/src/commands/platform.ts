import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../Platform.ts"
import { sessionLines } from "../render/session.ts"
import { show } from "../show.ts"

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
