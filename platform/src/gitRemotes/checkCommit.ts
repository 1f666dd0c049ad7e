import { FolderRefused, folderLimits } from "@skypanel/contract/folder/FolderEntry"
import { type Commit, readCommit } from "./readCommit.ts"

/** Mode, type, object and size are before a path. */
const fieldBytesMax = 160

/**
 * Refuses a commit with more files than a folder may have. `git archive` holds all their names in memory before it
 * says the first: a few kilobytes of trees that have each other in them many times are millions. Listing holds none.
 */
export const checkCommit = async (commit: Commit, stop: AbortSignal): Promise<void> => {
  let files = 0
  let bytes = 0
  let rest = ""
  const refuse = (reason: string): never => {
    throw new FolderRefused({ entry: null, reason })
  }
  for await (const chunk of readCommit(commit, ["ls-tree", "-r", "-t", "-l", "-z"], stop)) {
    const entries = (rest + chunk.toString("latin1")).split("\0")
    rest = entries.pop()!
    files += entries.length
    // A folder or a submodule has no size.
    for (const entry of entries) bytes += Number(/^\d+ blob [0-9a-f]+ +(\d+)\t/.exec(entry)?.[1] ?? 0)
    if (files > folderLimits.files) refuse(`there are more than ${folderLimits.files} files`)
    if (bytes > folderLimits.bytes) refuse(`its files are larger than ${folderLimits.bytes} bytes`)
    if (rest.length > folderLimits.pathBytes + fieldBytesMax)
      refuse(`a path is longer than ${folderLimits.pathBytes} bytes`)
  }
}
