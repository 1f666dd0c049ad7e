import { Effect } from "effect"
import { runCommand } from "./Command.ts"

/** Compares dotted versions by their numbers; what follows them (`pre…`) does not count. */
export const isAtLeast = (version: string, wanted: string): boolean => {
  const numbers = (text: string) =>
    text
      .split(/[^0-9.]/)[0]!
      .split(".")
      .map(Number)
  const have = numbers(version)
  for (const [index, number] of numbers(wanted).entries()) {
    const difference = (have[index] ?? 0) - number
    if (difference !== 0) return difference > 0
  }
  return true
}

export const parseNixVersion = (text: string): string | null =>
  /(\d+\.\d+[^\s]*)\s*$/m.exec(text)?.[1] ?? null

export const findNixVersion: Effect.Effect<string | null> = Effect.map(
  runCommand(["nix", "--version"], { seconds: 10 }),
  ({ exitCode, stdout }) => (exitCode === 0 ? parseNixVersion(stdout) : null),
)
