import { Result } from "effect"
import { parse, TomlError } from "smol-toml"
import type { BuildFailed } from "../BuildFailed.ts"
import { notRecognised } from "./Recognised.ts"

/** A TOML file of a source; empty when there is none. */
export const parseToml = (
  text: string | undefined,
  file: string,
): Result.Result<Readonly<Record<string, unknown>>, BuildFailed> => {
  try {
    return Result.succeed(parse(text ?? ""))
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const reason = error.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "")
    return Result.fail(
      notRecognised(
        `${file}, line ${error.line}: it is not TOML: ${reason}.`,
        "Correct the line; text stands in quotes.",
        file,
        error.line,
      ),
    )
  }
}
