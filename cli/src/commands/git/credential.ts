import { Effect, Stdio, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { Screen } from "../../Screen.ts"

/** What Git asks about, as `key=value` lines. */
const readAsked = Effect.gen(function* () {
  const { stdin } = yield* Stdio.Stdio
  const text = yield* stdin.pipe(
    Stream.decodeText(),
    Stream.mkString,
    Effect.orElseSucceed(() => ""),
  )
  return new Map(text.split("\n").map((line) => [line.split("=", 1)[0]!, line.slice(line.indexOf("=") + 1)]))
})

export const credential = Command.make(
  "credential",
  { operation: Argument.String("operation").pipe(Argument.withDescription("get, store or erase")) },
  Effect.fn(function* ({ operation }) {
    if (operation !== "get") return
    const asked = yield* readAsked
    const { connection } = yield* connect
    // The token is for its platform alone.
    if (`${asked.get("protocol")}://${asked.get("host")}` !== connection.url) return
    const screen = yield* Screen
    yield* screen.print(["username=skypanel", `password=${connection.token}`])
  }),
).pipe(
  Command.withDescription(
    "Tell Git the token of the platform that is in use; Git asks for it when `skypanel git remote` has set it up",
  ),
  Command.withShortDescription("What Git asks for the token"),
)
