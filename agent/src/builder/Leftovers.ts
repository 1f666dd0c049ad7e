import { lstat, readdir } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { runCommand } from "./Command.ts"
import { isDerivationPath, readDerivation } from "./DerivationGraph.ts"

/*
 * A build that is killed leaves the folder in which it wrote its output, and Nix removes that only when the same is
 * built again: who is stopped for filling the disk would have filled it all the same.
 */

const store = "/nix/store"
const removeSeconds = 600

const isMissing = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT",
  )

/** What is locked while somebody builds it; null where that cannot be known. */
const outputsOf = async (drvPath: string): Promise<ReadonlyArray<string> | null> => {
  if (!isDerivationPath(drvPath)) return null
  // A derivation that is not in the store is built by nobody: who builds it keeps it from being collected.
  if (await isMissing(drvPath)) return []
  const outputs = (await readDerivation(drvPath).catch(() => null))?.outputs.map(({ path }) => path) ?? []
  return outputs.length === 0 || outputs.includes("") ? null : outputs
}

/** Under Nix's own locks: what another build works in is left alone, and what may be, until the next sweep. */
const removeFolder = (drvPath: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    const outputs = yield* Effect.promise(() => outputsOf(drvPath))
    if (outputs === null) return
    const locks = outputs.flatMap((path) => ["flock", "--nonblock", `${path}.lock`])
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
