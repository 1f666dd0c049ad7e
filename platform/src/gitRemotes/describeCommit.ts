import type { FetchedCommit } from "@skypanel/contract/BuildAssignment"
import { oneLine } from "../domain/oneLine.ts"
import { type Commit, readCommit } from "./readCommit.ts"

/** A message may be as large as a push; so much of it is read. */
const readBytesMax = 16 * 1024
const characters = 200

/** Who wrote a commit, and the first line of what they say of it, as they may be shown. */
export const describeCommit = async (commit: Commit): Promise<FetchedCommit> => {
  const command = ["log", "--max-count=1", "--encoding=UTF-8", "--format=%an%n%s"]
  const read: Array<Buffer> = []
  let bytes = 0
  for await (const chunk of readCommit(commit, command, new AbortController().signal)) {
    read.push(chunk)
    bytes += chunk.length
    if (bytes >= readBytesMax) break
  }
  const [author = "", subject = ""] = Buffer.concat(read)
    .subarray(0, readBytesMax)
    .toString("utf8")
    .split("\n")
  return {
    revision: commit.commit,
    author: oneLine(author, characters),
    subject: oneLine(subject, characters),
  }
}
