import { fileURLToPath } from "node:url"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { Overrides } from "@skypanel/contract/Overrides"
import { Effect, Result } from "effect"
import { BuildFailed } from "./BuildFailed.ts"
import { runCommand } from "./Command.ts"
import { recognise } from "./recognise/Recognise.ts"
import { notRecognised, type Offer, type Recognised } from "./recognise/Recognised.ts"
import { readSourceTree } from "./SourceTree.ts"

/** How much recognising a repository may take. */
export interface RecogniserLimits {
  readonly seconds: number
  readonly memoryMiB: number
}
const limitsMost: RecogniserLimits = { seconds: 20, memoryMiB: 512 }

const word = "--recognise-repository"

/** Whether this process was started to recognise one repository, and does nothing else. */
export const isRecogniser = process.argv[2] === word

/** The kernel ends it as well, for an agent that is ended ends nothing. Threads count by themselves. */
const bounded = ["prlimit", "--core=0", `--cpu=${4 * limitsMost.seconds}`, "--"]

type Answer = { readonly recognised: Recognised } | { readonly failure: DeploymentFailure }

/** On Deno it may read the repository and nothing else, and write nothing. */
export const recogniserCommand = (
  runtime: { readonly path: string; readonly isDeno: boolean },
  program: string,
  folder: string,
  offer: Offer,
  overrides: Overrides = {},
  memoryMiB = limitsMost.memoryMiB,
): ReadonlyArray<string> => {
  const heap = `--max-old-space-size=${memoryMiB}`
  const before = runtime.isDeno
    ? [
        "run",
        "--no-prompt",
        "--no-lock",
        "--no-remote",
        "--allow-env",
        `--allow-read=${folder}`,
        `--v8-flags=${heap}`,
      ]
    : [heap]
  return [
    ...bounded,
    runtime.path,
    ...before,
    program,
    word,
    folder,
    JSON.stringify(offer),
    JSON.stringify(overrides),
  ]
}

const next =
  "Make the files that say how it is built smaller, its lock file first; or add a default.nix or flake.nix, which are built as they are."

/**
 * Says what a source is. It happens in a process of its own: what is in the files decides how long they take to read,
 * and the agent would hear nobody meanwhile. A thread is not enough, for its memory has no bound on Deno, and on Node.js
 * one that has reached it may not end.
 */
export const recogniseApart = (
  folder: string,
  offer: Offer,
  overrides: Overrides = {},
  { seconds, memoryMiB }: RecogniserLimits = limitsMost,
): Effect.Effect<Recognised, BuildFailed> =>
  Effect.gen(function* () {
    const runtime = { path: process.execPath, isDeno: "deno" in process.versions }
    // In the bundle that is the bundle, which is this module as well.
    const program = fileURLToPath(import.meta.url)
    const { exitCode, stdout } = yield* runCommand(
      recogniserCommand(runtime, program, folder, offer, overrides, memoryMiB),
      { seconds },
    )
    if (exitCode === 124)
      return yield* notRecognised(`Recognising the repository took longer than ${seconds} s.`, next)
    if (exitCode !== 0) {
      yield* Effect.logWarning(`recognising a repository ended with exit code ${exitCode}`)
      return yield* notRecognised("The repository's files could not be read to their end.", next)
    }
    const answer: Answer = JSON.parse(stdout)
    if ("failure" in answer) return yield* new BuildFailed(answer)
    return answer.recognised
  })

const answerOf = async (folder: string, offer: Offer, overrides: Overrides): Promise<Answer> => {
  const found = recognise(await Effect.runPromise(readSourceTree(folder)), offer, overrides)
  return Result.isSuccess(found) ? { recognised: found.success } : { failure: found.failure.failure }
}

if (isRecogniser) {
  const [folder, offer, overrides] = process.argv.slice(3) as [string, string, string]
  process.stdout.write(JSON.stringify(await answerOf(folder, JSON.parse(offer), JSON.parse(overrides))))
}
