import { createHash, randomUUID } from "node:crypto"
import { type FileHandle, mkdir, open, rm, statfs } from "node:fs/promises"
import { join } from "node:path"
import { NarReader, type NarVisitor } from "../domain/artifacts/NarReader.ts"
import { ReferenceScanner } from "../domain/artifacts/ReferenceScanner.ts"
import { StorageFull, UploadRefused } from "./errors.ts"
import type { NarStorage } from "./storage/NarStorage.ts"
import { decompress } from "./zstd.ts"

/** What is true of a NAR file, found by reading it. Hashes are SHA-256 in hexadecimal. */
export interface NarFacts {
  readonly fileHash: string
  readonly fileSize: number
  readonly narHash: string
  readonly narSize: number
  /** What in it could be the hash part of a store path; null when there was too much to keep. */
  readonly candidates: ReadonlySet<string> | null
}

/** What an archive has to be; null: that is looked at later. */
export type NarContents = Pick<NarFacts, "narHash" | "narSize"> | null

export interface Receiving {
  /** A folder. */
  readonly incoming: string
  readonly storage: Pick<NarStorage, "approach" | "place">
  readonly signal: AbortSignal
  /** Null: whatever it is. */
  readonly fileHash: string | null
  readonly contents: NarContents
  readonly announcedBytes: number | null
  readonly fileBytes: number
  readonly narBytes: number
  readonly reserveBytes: number
}

const onlyShape: NarVisitor = { directory() {}, symlink() {}, regular() {}, contents() {} }

const writeAll = async (file: FileHandle, bytes: Buffer): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
}

/** Passes the upload on while it writes and hashes it. */
async function* keep(
  body: AsyncIterable<Buffer>,
  file: FileHandle,
  limit: number,
  done: (hash: string, size: number) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash("sha256")
  let size = 0
  for await (const bytes of body) {
    size += bytes.length
    if (size > limit) throw new UploadRefused({ message: `the file is larger than ${limit} bytes` })
    hash.update(bytes)
    await writeAll(file, bytes)
    yield bytes
  }
  done(hash.digest("hex"), size)
}

const examine = async (
  compressed: AsyncIterable<Buffer>,
  limit: number,
): Promise<Pick<NarFacts, "narHash" | "narSize" | "candidates">> => {
  const hash = createHash("sha256")
  const reader = new NarReader(onlyShape)
  const scanner = new ReferenceScanner()
  let narSize = 0
  for await (const bytes of decompress(compressed)) {
    narSize += bytes.length
    if (narSize > limit) throw new UploadRefused({ message: `the archive is larger than ${limit} bytes` })
    hash.update(bytes)
    scanner.push(bytes)
    reader.push(bytes)
  }
  reader.end()
  return { narHash: hash.digest("hex"), narSize, candidates: scanner.candidates() }
}

const checkRoom = async (to: Receiving): Promise<void> => {
  const { bavail, bsize } = await statfs(to.incoming)
  if (bavail * bsize - (to.announcedBytes ?? 0) < to.reserveBytes)
    throw new StorageFull({ message: "there is no room for it" })
}

/** A file that is right and written, but not in its place yet. */
export interface Received {
  readonly facts: NarFacts
  readonly move: () => Promise<void>
  /** Does nothing once it was moved. */
  readonly discard: () => Promise<void>
}

/**
 * Takes in one `.nar.zst`: writes it beside the others while it is hashed, decompressed and examined. When anything of
 * it is not right nothing of it stays.
 *
 * Rejects with UploadRefused, StorageFull, InvalidNar, InvalidZstd or an error of the storage or of zlib.
 */
export const receiveNar = async (body: AsyncIterable<Buffer>, to: Receiving): Promise<Received> => {
  await mkdir(to.incoming, { recursive: true })
  await checkRoom(to)
  const temporary = join(to.incoming, randomUUID())
  const file = await open(temporary, "wx", 0o600)
  const discard = () => rm(temporary, { force: true })
  try {
    let fileHash = ""
    let fileSize = 0
    const kept = keep(body, file, to.fileBytes, (hash, size) => {
      fileHash = hash
      fileSize = size
    })
    const facts = await examine(kept, to.narBytes)
    if (to.fileHash !== null && fileHash !== to.fileHash)
      throw new UploadRefused({ message: "the file's SHA-256 is not the one in its name" })
    if (
      to.contents !== null &&
      (facts.narHash !== to.contents.narHash || facts.narSize !== to.contents.narSize)
    )
      throw new UploadRefused({ message: "the archive is not the one that was announced" })
    await file.sync()
    await to.storage.approach(temporary, fileHash, to.signal)
    const move = () => to.storage.place(temporary, fileHash)
    return { facts: { fileHash, fileSize, ...facts }, move, discard }
  } catch (error) {
    await discard()
    throw error
  } finally {
    await file.close()
  }
}
