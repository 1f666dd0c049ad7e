import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { runCommand } from "./Command.ts"

/*
 * A build that is killed leaves the folder in which it wrote its output, and Nix removes that only when the same is
 * built again: who is stopped for filling the disk would have filled it all the same.
 */

const store = "/nix/store"
const removeSeconds = 600

const outputsOf = (drvPath: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    runCommand(["nix-store", "--query", "--outputs", drvPath], {
      seconds: 20,
      environment: { HOME: "/var/empty", NIX_CONF_DIR: "/var/empty" },
    }),
    // A derivation that is not in the store is built by nobody.
    ({ exitCode, stdout }) => (exitCode === 0 ? stdout.split("\n").filter(Boolean) : []),
  )

/** Under Nix's own locks: what another build works in is left alone. */
const removeFolder = (drvPath: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    const locks = (yield* outputsOf(drvPath)).flatMap((path) => ["flock", "--nonblock", `${path}.lock`])
    const folder = `${drvPath}.chroot`
    yield* runCommand([...locks, "rm", "--recursive", "--force", "--", folder], { seconds: removeSeconds })
  })

/** Removes what builds of these derivations have left, if nobody builds them now. */
export const removeLeftovers = (drvPaths: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.forEach(drvPaths, removeFolder, { discard: true })

/** Removes what builds of an agent that was killed have left in the store. */
export const sweepLeftovers: Effect.Effect<void> = Effect.flatMap(
  Effect.promise(() => readdir(store).catch(() => [])),
  (names) =>
    removeLeftovers(
      names
        .filter((name) => name.endsWith(".drv.chroot"))
        .map((name) => join(store, name.slice(0, -".chroot".length))),
    ),
)
