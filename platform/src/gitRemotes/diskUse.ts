import { execFile } from "node:child_process"
import { readdir, rm, stat, statfs } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { organizationBytesMax, packBytesMax } from "./git.ts"

const run = promisify(execFile)

/** No push takes as long: what it had begun to keep is nobody's. */
const quarantineMs = 2 * 3_600_000

/** With everything in it; none when it is not there. */
const bytesBelow = async (folder: string): Promise<number> => {
  const said = await run("du", ["--summarize", "--block-size=1", "--", folder]).catch(
    // What goes meanwhile makes it fail; the sum is said all the same.
    ({ stdout }: { readonly stdout?: string }) => ({ stdout: stdout ?? "" }),
  )
  return Number.parseInt(said.stdout, 10) || 0
}

/** Why nothing more can be pushed to the repositories in a folder, an organization's; null: it can. */
export const whyNoRoom = async (folder: string, reserveBytes: number): Promise<string | null> => {
  const { bavail, bsize } = await statfs(join(folder, ".."))
  if (bavail * bsize < reserveBytes + packBytesMax)
    return "The platform has no room for a push. Tell an administrator."
  return (await bytesBelow(folder)) > organizationBytesMax
    ? "The organization's repositories take all the room they may: delete services that are not needed."
    : null
}

/** Removes what is left of pushes to a repository whose Git was killed: it removes nothing then. */
export const sweepQuarantines = async (repository: string): Promise<void> => {
  const objects = join(repository, "objects")
  for (const name of await readdir(objects).catch(() => [])) {
    if (!name.startsWith("tmp_objdir-")) continue
    const found = await stat(join(objects, name)).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > quarantineMs)
      await rm(join(objects, name), { recursive: true, force: true })
  }
}
