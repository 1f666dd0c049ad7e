import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Effect, Exit, Logger } from "effect"
import { CliConfig, CliOutput, Command, GlobalFlag } from "effect/cli"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import manifest from "../package.json" with { type: "json" }
import { exitCodes } from "./Failure.ts"
import { problemJson, problemLines } from "./render/problem.ts"
import { reportOf, reportOfCause } from "./report.ts"
import { Screen } from "./Screen.ts"
import { skypanel } from "./skypanel.ts"
import { presenter, usageExitCode } from "./usage.ts"

const options = process.argv.slice(2)
const json = options.slice(0, options.indexOf("--") >>> 0).includes("--json")

// The reader of a pipe may leave (`skypanel logs x | head`): that is an end, not a failure.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1)
  })

const explain = (cause: Cause.Cause<unknown>) =>
  Effect.gen(function* () {
    if (usageExitCode(Cause.squash(cause)) !== null) return
    const report = reportOfCause(cause)
    if (report === null) return
    const screen = yield* Screen
    yield* Console.error(json ? problemJson(report) : problemLines(report, screen.err).join("\n"))
  })

const exitCode = (cause: Cause.Cause<unknown>): number => {
  if (Cause.hasInterruptsOnly(cause)) return exitCodes.interrupted
  const error = Cause.squash(cause)
  return usageExitCode(error) ?? reportOf(error).exitCode
}

skypanel.pipe(
  Command.run({ version: manifest.version }),
  Effect.tapCause(explain),
  Effect.provide([
    NodeServices.layer,
    FetchHttpClient.layer,
    Screen.layer,
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
    CliOutput.layerPresenter(presenter(json)),
    Logger.layer([]),
  ]),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    // An open event stream must not keep a command that is done.
    teardown: (exit, onExit) => (Exit.isSuccess(exit) ? process.exit(0) : onExit(exitCode(exit.cause))),
  }),
)
