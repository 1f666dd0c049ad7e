import { Console, Context, Effect, Layer } from "effect"
import { type Style, styleFor } from "./render/style.ts"

/**
 * Where a command writes. Results go to standard output, so that they can be piped; everything that only tells how
 * it goes is a note, on standard error.
 */
export class Screen extends Context.Service<
  Screen,
  {
    readonly out: Style
    readonly err: Style
    /** Columns of the terminal that standard output is; null when it is none. */
    readonly width: number | null
    /** Somebody sits at it who can answer a question. */
    readonly interactive: boolean
    readonly print: (lines: string | ReadonlyArray<string>) => Effect.Effect<void>
    readonly note: (lines: string | ReadonlyArray<string>) => Effect.Effect<void>
  }
>()("cli/Screen") {
  static readonly layer = Layer.sync(this, () => {
    const text = (lines: string | ReadonlyArray<string>) =>
      typeof lines === "string" ? lines : lines.join("\n")
    const unlessEmpty = (lines: string | ReadonlyArray<string>, write: Effect.Effect<void>) =>
      lines.length === 0 && typeof lines !== "string" ? Effect.void : write
    return Screen.of({
      out: styleFor(process.stdout.isTTY === true, process.env),
      err: styleFor(process.stderr.isTTY === true, process.env),
      width: process.stdout.isTTY ? process.stdout.columns : null,
      interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
      print: (lines) => unlessEmpty(lines, Console.log(text(lines))),
      note: (lines) => unlessEmpty(lines, Console.error(text(lines))),
    })
  })
}
