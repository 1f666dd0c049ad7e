import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { open } from "node:fs/promises"
import { join } from "node:path"
import { FolderRefused } from "@skypanel/contract/folder/FolderEntry"
import { padding, tarEnd, tarHeader } from "@skypanel/contract/folder/tarHeader"
import type { ListedFolder } from "./listFolder.ts"

const changed = (path: string) => new FolderRefused({ entry: path, reason: "it changed while it was read" })

async function* contentOf(file: string, path: string, bytes: number): AsyncGenerator<Uint8Array> {
  // Between listing and reading a link may have taken its place.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => {
    throw changed(path)
  })
  try {
    let left = bytes
    for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 })) {
      left -= chunk.length
      if (left < 0) throw changed(path)
      yield chunk
    }
    if (left > 0) throw changed(path)
  } finally {
    await handle.close()
  }
}

/** The folder's tar: the same bytes whenever its files are the same. Throws FolderRefused when they change meanwhile. */
export async function* packFolder(folder: ListedFolder): AsyncGenerator<Uint8Array> {
  for (const entry of folder.entries) {
    yield* tarHeader(entry)
    if (entry.kind === "link") continue
    yield* contentOf(join(folder.root, entry.path), entry.path, entry.bytes)
    yield padding(entry.bytes)
  }
  yield tarEnd
}

/** SHA-256 of the tar, and its size. */
export const digestFolder = async (folder: ListedFolder) => {
  const hash = createHash("sha256")
  let bytes = 0
  for await (const chunk of packFolder(folder)) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { digest: hash.digest("hex"), tarBytes: bytes }
}
