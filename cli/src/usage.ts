import { Console } from "effect"
import { CliOutput } from "effect/cli"
import { exitCodes } from "./Failure.ts"
import { problemJson, problemLines } from "./render/problem.ts"
import { styleFor } from "./render/style.ts"

/** Wrong flags: what is wrong and how the command is written, on standard error; the whole help only when asked. */
export const presenter = (json: boolean): CliOutput.Presenter => ({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const command = event.commandPath.join(" ")
    const report = {
      tag: "BadInput",
      message: event.errors.map((error) => error.message).join("\n"),
      next: `${event.helpDoc.usage} — see \`${command} --help\`.`,
      issues: [],
      exitCode: exitCodes.usage,
    }
    const style = styleFor(process.stderr.isTTY === true, process.env)
    return Console.error(json ? problemJson(report) : problemLines(report, style).join("\n"))
  },
})

/** Wrong flags end with the usage exit code; asked-for help with 0. */
export const usageExitCode = (error: unknown): number | null =>
  typeof error === "object" &&
  error !== null &&
  "_tag" in error &&
  error._tag === "ShowHelp" &&
  "errors" in error
    ? Array.isArray(error.errors) && error.errors.length > 0
      ? exitCodes.usage
      : 0
    : null
