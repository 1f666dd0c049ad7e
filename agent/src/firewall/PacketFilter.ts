import { spawn } from "node:child_process"
import { Effect, Schema } from "effect"
import { installation, ownPart, type RuleSet, removal } from "./rules.ts"

export class PacketFilterError extends Schema.TaggedError<PacketFilterError>()("PacketFilterError", {
  reason: Schema.String,
}) {}

const deadlineMs = 15_000
const outputMost = 4 * 1024 * 1024

/** Runs a program with this input; gives its standard output. The lock of the packet filter is waited for. */
const run = (program: string, args: ReadonlyArray<string>, input = "") =>
  Effect.callback<string, PacketFilterError>((resume) => {
    const fail = (reason: string) => resume(Effect.fail(new PacketFilterError({ reason })))
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], timeout: deadlineMs })
    let output = ""
    let errors = ""
    child.stdout.on("data", (chunk) => {
      output += chunk
      if (output.length > outputMost) child.kill()
    })
    child.stderr.on("data", (chunk) => {
      errors = (errors + chunk).slice(-1_000)
    })
    child.on("error", (error) => fail(error.message))
    child.on("close", (code) =>
      code === 0
        ? resume(Effect.succeed(output))
        : fail(`${program}: ${errors.trim() || `exit code ${code}`}`),
    )
    child.stdin.on("error", () => undefined)
    child.stdin.end(input)
    return Effect.sync(() => child.kill())
  })

/** How to start a program in the network whose packets are meant: its own command line before the program's. */
export type Inside = (
  program: string,
  args: ReadonlyArray<string>,
) => readonly [string, ReadonlyArray<string>]

const here: Inside = (program, args) => [program, args]

/** Keeps one set of rules as it was when it was put in force. */
export const makeKeeper = (rules: RuleSet, inside: Inside = here) => {
  let known: string | null = null
  const print = run(...inside(rules.program, ["-w", "5", "-S"]))
  const restore = (transaction: string) =>
    run(...inside(`${rules.program}-restore`, ["-w", "5", "--noflush"]), transaction)
  return {
    /** Looks, and puts the rules in force if they are not; true when it had to. */
    assert: Effect.gen(function* () {
      const printed = yield* print
      if (known !== null && ownPart(rules, printed) === known) return false
      yield* restore(installation(rules, printed))
      known = ownPart(rules, yield* print)
      return true
    }),
    remove: Effect.gen(function* () {
      const transaction = removal(rules, yield* print)
      if (transaction !== null) yield* restore(transaction)
    }),
  }
}
