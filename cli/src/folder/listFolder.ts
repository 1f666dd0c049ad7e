import { lstat, readdir, readlink, realpath } from "node:fs/promises"
import { join } from "node:path"
import {
  comparePaths,
  type FolderEntry,
  FolderRefused,
  folderLimits,
  linkProblem,
  pathProblem,
  sayRefused,
} from "@skypanel/contract/folder/FolderEntry"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect } from "effect"
import { BadInput } from "../Failure.ts"
import { isIgnored, type Rules, rulesAbove, rulesIn, rulesWithin } from "./gitignore.ts"

export interface ListedFolder {
  readonly root: string
  /** Sorted as they are packed. */
  readonly entries: ReadonlyArray<FolderEntry>
  /** Of the files. */
  readonly bytes: number
  /** Files and whole folders that a `.gitignore` names. */
  readonly ignored: number
  /** What is neither file nor link. */
  readonly leftOut: ReadonlyArray<string>
}

const refuse = (entry: string | null, reason: string): never => {
  throw new FolderRefused({ entry, reason })
}

const list = async (root: string): Promise<ListedFolder> => {
  const entries: Array<FolderEntry> = []
  const leftOut: Array<string> = []
  let ignored = 0
  let bytes = 0

  const add = async (path: string): Promise<void> => {
    const problem = pathProblem(path)
    if (problem !== null) refuse(path, problem)
    // A name that is not UTF-8 is read as another one, which is not there.
    const found = await lstat(join(root, path)).catch(() => refuse(path, "it cannot be read"))
    if (found.isSymbolicLink()) {
      const target = await readlink(join(root, path))
      const problem = linkProblem(path, target)
      if (problem !== null) refuse(path, problem)
      entries.push({ kind: "link", path, target })
    } else if (found.isFile()) {
      bytes += found.size
      entries.push({ kind: "file", path, bytes: found.size, executable: (found.mode & 0o100) !== 0 })
    } else leftOut.push(path)
    if (entries.length > folderLimits.files) refuse(null, `there are more than ${folderLimits.files} files`)
    if (bytes > folderLimits.bytes) refuse(null, `it is larger than ${formatSize(folderLimits.bytes)}`)
  }

  const walk = async (folder: string, above: ReadonlyArray<Rules>): Promise<void> => {
    const rules = [...above, ...(await rulesIn(join(root, folder)))]
    for (const found of await readdir(join(root, folder), { withFileTypes: true })) {
      if (found.name.toLowerCase() === ".git") continue
      const path = folder === "" ? found.name : `${folder}/${found.name}`
      if (isIgnored(rules, join(root, path), found.isDirectory())) ignored++
      else if (found.isDirectory()) await walk(path, rulesWithin(rules, join(root, path)))
      else await add(path)
    }
  }

  await walk("", await rulesAbove(root))
  if (entries.length === 0) refuse(null, "there is no file in it")
  entries.sort((a, b) => comparePaths(a.path, b.path))
  return { root, entries, bytes, ignored, leftOut }
}

const notDeployed = (message: string, next: string) => new BadInput({ message, next, issues: [] })

/** Everything that is deployed of a folder: all of it but `.git` and what a `.gitignore` names. */
export const listFolder = (folder: string): Effect.Effect<ListedFolder, BadInput> =>
  Effect.tryPromise({
    try: async () => list(await realpath(folder)),
    catch: (cause) => {
      if (cause instanceof FolderRefused)
        return notDeployed(
          `The folder ${folder} cannot be deployed: ${sayRefused(cause)}.`,
          "Correct that, or name what is not needed in .gitignore.",
        )
      const { code = "unknown" } = cause as NodeJS.ErrnoException
      return notDeployed(
        code === "ENOENT" || code === "ENOTDIR"
          ? `There is no folder ${folder}.`
          : `The folder ${folder} cannot be read (${code}).`,
        "Give a folder, such as --dir . for the one you are in.",
      )
    },
  })
