import { spawn } from "node:child_process"
import { Effect, Schema } from "effect"
import { type Match, samples } from "./floodLimits.ts"
import { prefix } from "./prefix.ts"
import type { RuleSet } from "./ruleSet.ts"
import { damage, endOfTrial, installation, ownPart, packetsOf, removal, table, trial } from "./transaction.ts"

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

type Program = RuleSet["program"]

const print = (program: Program, inside: Inside, ...what: ReadonlyArray<string>) =>
  run(...inside(program, ["-w", "5", "-t", table, "-S", ...what]))

const restore = (program: Program, inside: Inside, transaction: string) =>
  run(...inside(`${program}-restore`, ["-w", "5", "--noflush"]), transaction)

/** Which matches the packet filter of this kernel has. Fails when it takes no rules at all. */
export const matchesOf = (program: Program, inside: Inside = here) => {
  const chain = `${prefix}-TRIAL`
  const end = Effect.ignore(restore(program, inside, endOfTrial(chain)))
  const takes = (rule: ReadonlyArray<string>) =>
    restore(program, inside, trial(chain, rule)).pipe(Effect.ensuring(end))
  return Effect.gen(function* () {
    yield* takes([])
    const found = yield* Effect.filter(samples, ([, rule]) =>
      takes(rule).pipe(
        Effect.as(true),
        Effect.catch(() => Effect.succeed(false)),
      ),
    )
    return new Set<Match>(found.map(([match]) => match))
  })
}

/** How the rules stand: in force; others are in force than now wanted (none, at first); or somebody changed them. */
export type Standing =
  | { readonly _tag: "in-force" }
  | { readonly _tag: "outdated" }
  | { readonly _tag: "damaged"; readonly what: string }

/** Keeps one set of rules as it was when it was put in force. */
export const makeKeeper = (program: Program, inside: Inside = here) => {
  let wanted: string | null = null
  let known: ReadonlyArray<string> = []
  return {
    standing: (rules: RuleSet): Effect.Effect<Standing, PacketFilterError> =>
      Effect.gen(function* () {
        if (wanted !== JSON.stringify(rules)) return { _tag: "outdated" as const }
        const what = damage(known, ownPart(rules, yield* print(program, inside)))
        return what === null ? { _tag: "in-force" as const } : { _tag: "damaged" as const, what }
      }),
    putInForce: (rules: RuleSet): Effect.Effect<void, PacketFilterError> =>
      Effect.gen(function* () {
        yield* restore(program, inside, installation(rules, yield* print(program, inside)))
        known = ownPart(rules, yield* print(program, inside))
        wanted = JSON.stringify(rules)
      }),
    /** Packets that came to the first rule of a chain since the rules were put in force. */
    packets: (chain: string) => Effect.map(print(program, inside, chain, "-v"), packetsOf),
    remove: (): Effect.Effect<void, PacketFilterError> =>
      Effect.gen(function* () {
        const transaction = removal(yield* print(program, inside))
        if (transaction !== null) yield* restore(program, inside, transaction)
        wanted = null
      }),
  }
}

export type Keeper = ReturnType<typeof makeKeeper>
