import { expressionMaxBytes } from "@skypanel/contract/Source"
import { Effect, FileSystem, Stdio, Stream } from "effect"
import { BadInput } from "./Failure.ts"

const refuse = (message: string) =>
  new BadInput({
    message: "The expression cannot be read.",
    next: "Give a file with a Nix expression, or - to read it from standard input.",
    issues: [{ path: "--expression", message }],
  })

const tooLong = refuse(`it is longer than ${expressionMaxBytes / 1024} KiB`)

/** Reads at most the allowed bytes and one more, so that an endless input ends. */
const bounded = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) =>
  Effect.gen(function* () {
    const chunks: Array<Uint8Array> = []
    let size = 0
    yield* bytes.pipe(
      Stream.takeUntil((chunk) => {
        chunks.push(chunk)
        size += chunk.length
        return size > expressionMaxBytes
      }),
      Stream.runDrain,
    )
    return size > expressionMaxBytes ? yield* tooLong : Buffer.concat(chunks)
  })

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** The text of a Nix expression: of a file, or of standard input for `-`. */
export const readExpression = Effect.fnUntraced(function* (file: string) {
  const source = file === "-" ? (yield* Stdio.Stdio).stdin : (yield* FileSystem.FileSystem).stream(file)
  const bytes = yield* bounded(source).pipe(
    Effect.catchTag("PlatformError", (error) =>
      Effect.fail(
        refuse(
          error.reason._tag === "NotFound"
            ? `there is no file ${file}`
            : error.reason._tag === "PermissionDenied"
              ? `${file} may not be read`
              : `${file} cannot be read (${error.reason._tag})`,
        ),
      ),
    ),
  )
  const text = yield* Effect.try({
    try: () => utf8.decode(bytes),
    catch: () => refuse(`${file} is not UTF-8 text`),
  })
  return text.trim() === "" ? yield* refuse(`${file} is empty`) : text
})
