import { Effect, FileSystem, Stdio, Stream } from "effect"
import { BadInput } from "./Failure.ts"

/** A text that a command reads from a file, or from standard input. */
export interface TextInput {
  /** What it is, such as "The expression". */
  readonly what: string
  /** The argument or flag that names the file. */
  readonly path: string
  readonly maxBytes: number
  readonly next: string
}

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** The text of a file, or of standard input for `-`: at most the allowed bytes and one more, so that an endless one ends. */
export const readText = Effect.fnUntraced(function* (
  file: string,
  { what, path, maxBytes, next }: TextInput,
) {
  const refuse = (message: string) =>
    new BadInput({ message: `${what} cannot be read.`, next, issues: [{ path, message }] })

  const read = Effect.gen(function* () {
    const source = file === "-" ? (yield* Stdio.Stdio).stdin : (yield* FileSystem.FileSystem).stream(file)
    const chunks: Array<Uint8Array> = []
    let size = 0
    yield* source.pipe(
      Stream.takeUntil((chunk) => {
        chunks.push(chunk)
        size += chunk.length
        return size > maxBytes
      }),
      Stream.runDrain,
    )
    return size > maxBytes ? yield* refuse(`it is longer than ${maxBytes / 1024} KiB`) : Buffer.concat(chunks)
  })
  const bytes = yield* read.pipe(
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
