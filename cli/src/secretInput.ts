import { Effect, Redacted, Stdio, Stream } from "effect"
import { Prompt } from "effect/cli"
import { BadInput } from "./Failure.ts"
import { Screen } from "./Screen.ts"

const mostBytes = 4096

const refuse = (message: string) =>
  new BadInput({
    message: "The secret cannot be read.",
    next: "Give it on standard input: it is not taken from the command line, which others may see.",
    issues: [{ path: "standard input", message }],
  })

/** Asks whoever sits there, without showing what is typed; else it is what comes from standard input. */
export const readSecret = Effect.fnUntraced(function* (question: string, maxBytes = mostBytes) {
  const screen = yield* Screen
  if (screen.interactive)
    return Redacted.value(
      yield* Prompt.run(Prompt.Password({ message: question })).pipe(
        Effect.catchTag("QuitError", () => Effect.interrupt),
      ),
    )
  const { stdin } = yield* Stdio.Stdio
  let text = ""
  yield* stdin.pipe(
    Stream.decodeText(),
    Stream.takeUntil((part) => {
      text += part
      return text.length > maxBytes
    }),
    Stream.runDrain,
    Effect.mapError(() => refuse("it cannot be read")),
  )
  const secret = text.replace(/\r?\n$/, "")
  if (secret === "") return yield* refuse("it is empty")
  return text.length > maxBytes ? yield* refuse("it is too long") : secret
})
