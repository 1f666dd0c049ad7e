import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import { FolderReader } from "@skypanel/contract/folder/FolderReader"
import { padding, tarEnd, tarHeader } from "@skypanel/contract/folder/tarHeader"
import { checkCommit } from "./checkCommit.ts"
import { type Commit, readCommit } from "./readCommit.ts"

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

/**
 * The archive of a commit's files, compressed, as it is made: nothing of it before it is read, and nothing more when it
 * is read no further. Errors come out of it: FolderRefused for what is no folder.
 */
export async function* archiveCommit(commit: Commit, found: (path: string) => void): AsyncGenerator<Buffer> {
  const stop = new AbortController()
  const gzip = createGzip({ level: 6 })
  const tar = async function* () {
    await checkCommit(commit, stop.signal)
    yield* canonical(readCommit(commit, ["archive", "--format=tar"], stop.signal), found)
  }
  pipeline(Readable.from(tar()), gzip).catch(
    // Whoever reads learns of it.
    () => undefined,
  )
  try {
    yield* gzip as AsyncIterable<Buffer>
  } finally {
    stop.abort()
    gzip.destroy()
  }
}
