import { Effect } from "effect"
import { runCommand } from "./Command.ts"

/** Paths in one command. */
export const pathsAtOnce = 2000

/** Those of the paths that this machine's store does not have; an evaluation sees another one. */
export const invalidPaths = (paths: ReadonlyArray<string>): Effect.Effect<ReadonlySet<string>> =>
  Effect.gen(function* () {
    const invalid = new Set<string>()
    for (let at = 0; at < paths.length; at += pathsAtOnce) {
      const some = paths.slice(at, at + pathsAtOnce)
      const { stdout, exitCode } = yield* runCommand(
        ["nix-store", "--check-validity", "--print-invalid", ...some],
        { seconds: 60, environment: { HOME: "/var/empty", NIX_CONF_DIR: "/var/empty" } },
      )
      for (const path of exitCode === 0 ? stdout.split("\n") : some) invalid.add(path)
    }
    return invalid
  })
