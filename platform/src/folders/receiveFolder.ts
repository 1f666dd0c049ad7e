import { createHash, randomUUID } from "node:crypto"
import { type FileHandle, mkdir, open, rm, statfs } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { createGunzip } from "node:zlib"
import type { Folder } from "@skypanel/contract/Folder"
import { FolderRefused, folderLimits } from "@skypanel/contract/folder/FolderEntry"
import { FolderReader } from "@skypanel/contract/folder/FolderReader"
import { StorageFull } from "../artifacts/errors.ts"

export interface ReceivedFolder extends Folder {
  readonly packedBytes: number
  /** The whole archive, verified and on the disk, where it can be moved from. */
  readonly file: string
}

export interface Receiving {
  readonly incoming: string
  /** Null: whatever it is. */
  readonly digest: string | null
  readonly reserveBytes: number
  readonly limits?: Partial<Record<"files" | "bytes" | "packedBytes" | "ms", number>>
}

/** So long a folder may take to arrive. */
const msMax = 15 * 60_000

const writeAll = async (file: FileHandle, bytes: Buffer): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
}

const checkRoom = async ({ incoming, reserveBytes }: Receiving): Promise<void> => {
  const { bavail, bsize } = await statfs(incoming)
  if (bavail * bsize < reserveBytes) throw new StorageFull({ message: "there is no room for it" })
}

/** Passes the archive on while it writes it. */
async function* keep(
  body: AsyncIterable<Buffer>,
  file: FileHandle,
  limit: number,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let size = 0
  for await (const bytes of body) {
    size += bytes.length
    if (size > limit)
      throw new FolderRefused({ entry: null, reason: `the archive is larger than ${limit} bytes` })
    await writeAll(file, bytes)
    count(size)
    yield bytes
  }
}

/**
 * Takes in a folder's archive, a tar in gzip: writes it beside the others while it is decompressed, examined and hashed.
 * Unless all of it is right, nothing of it stays.
 *
 * Rejects with FolderRefused, StorageFull or an error of the file system or of zlib.
 */
export const receiveFolder = async (body: AsyncIterable<Buffer>, to: Receiving): Promise<ReceivedFolder> => {
  await mkdir(to.incoming, { recursive: true })
  await checkRoom(to)
  const temporary = join(to.incoming, randomUUID())
  const file = await open(temporary, "wx", 0o600)
  let whole = false
  try {
    const hash = createHash("sha256")
    const reader = new FolderReader({ entry() {}, content() {} }, to.limits)
    let packedBytes = 0
    const kept = keep(body, file, to.limits?.packedBytes ?? folderLimits.packedBytes, (bytes) => {
      packedBytes = bytes
    })
    const gunzip = createGunzip({ chunkSize: 64 * 1024 })
    const late = setTimeout(
      () => gunzip.destroy(new FolderRefused({ entry: null, reason: "it took too long to arrive" })),
      to.limits?.ms ?? msMax,
    )
    const fed = pipeline(kept, gunzip)
    fed.catch(() => undefined) // it is awaited below, unless the archive is refused first
    try {
      for await (const bytes of gunzip as AsyncIterable<Buffer>) {
        hash.update(bytes)
        reader.push(bytes)
      }
      await fed
    } finally {
      clearTimeout(late)
      gunzip.destroy()
    }
    reader.end()
    const digest = hash.digest("hex")
    if (to.digest !== null && digest !== to.digest)
      throw new FolderRefused({
        entry: null,
        reason: "what came is not what was announced: its SHA-256 differs",
      })
    await file.sync()
    whole = true
    return { digest, files: reader.files, bytes: reader.bytes, packedBytes, file: temporary }
  } finally {
    await file.close()
    if (!whole) await rm(temporary, { force: true })
  }
}
