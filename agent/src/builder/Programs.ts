import { constants } from "node:fs"
import { access } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"

/** What a builder starts besides Nix. */
export const builderPrograms = [
  "bwrap",
  "flock",
  "git",
  "nsenter",
  "prlimit",
  "setpriv",
  "socat",
  "tar",
  "unshare",
] as const

/** What a builder starts where a source asks for it. */
export type OptionalProgram = "git-lfs"

const isThere = async (program: string, path: string): Promise<boolean> => {
  for (const folder of path.split(":").filter(Boolean)) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return true
  }
  return false
}

export const hasProgram = (program: OptionalProgram): Effect.Effect<boolean> =>
  Effect.promise(() => isThere(program, process.env.PATH ?? ""))

/** Those of the programs that the search path does not have. */
export const missingPrograms = (path = process.env.PATH ?? ""): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const found = await Promise.all(builderPrograms.map((program) => isThere(program, path)))
    return builderPrograms.filter((_, index) => !found[index])
  })
