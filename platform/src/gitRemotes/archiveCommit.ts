import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import { FolderRefused } from "@skypanel/contract/folder/FolderEntry"
import { FolderReader } from "@skypanel/contract/folder/FolderReader"
import { padding, tarEnd, tarHeader } from "@skypanel/contract/folder/tarHeader"
import { killGit, spawnGit } from "./git.ts"

const archiveMs = 300_000

/** Git's tar as the one that stands for its files: without times, owners and folders. */
async function* canonical(tar: AsyncIterable<Buffer>, found: (path: string) => void) {
  let ready: Array<Uint8Array> = []
  let open = 0
  const reader = new FolderReader({
    entry: (entry) => {
      found(entry.path)
      ready.push(padding(open), ...tarHeader(entry))
      open = entry.kind === "file" ? entry.bytes : 0
    },
    content: (bytes) => ready.push(bytes),
  })
  for await (const chunk of tar) {
    reader.push(chunk)
    yield* ready
    ready = []
  }
  reader.end()
  yield padding(open)
  yield tarEnd
}

async function* gitArchive(repository: string, quarantine: string, commit: string) {
  const objects = `${repository}/objects`
  const env: Record<string, string> =
    quarantine === "" ? {} : { GIT_OBJECT_DIRECTORY: quarantine, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects }
  const child = spawnGit(
    [`--git-dir=${repository}`, "-c", "core.bigFileThreshold=16m", "archive", "--format=tar", commit],
    { env, stdio: ["ignore", "pipe", "ignore"] },
  )
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null))
    child.once("close", (code) => resolve(code))
  })
  const timer = setTimeout(() => killGit(child), archiveMs)
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    if ((await ended) !== 0)
      throw new FolderRefused({ entry: null, reason: "Git could not read the commit's files" })
  } finally {
    clearTimeout(timer)
    killGit(child)
  }
}

/**
 * The archive of a commit's files, compressed, as it is made. Errors come out of it: FolderRefused for what is no
 * folder.
 */
export const archiveCommit = (
  repository: string,
  quarantine: string,
  commit: string,
  found: (path: string) => void,
): AsyncIterable<Buffer> => {
  const gzip = createGzip({ level: 6 })
  pipeline(Readable.from(canonical(gitArchive(repository, quarantine, commit), found)), gzip).catch(
    // Whoever reads learns of it.
    () => undefined,
  )
  return gzip
}
