import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { oneLine } from "../../render/text.ts"
import { show } from "../../show.ts"

export const testEmail = Command.make(
  "test-email",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    yield* show(yield* client.notifications.testEmail(), ({ sentTo }) => `Sent to ${oneLine(sentTo)}.`)
  }),
).pipe(Command.withDescription("Send yourself one e-mail, to see that it arrives"))
