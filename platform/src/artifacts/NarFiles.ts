import { createHash } from "node:crypto"
import { mkdir, readdir, rm, stat, statfs } from "node:fs/promises"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { Context, Effect, Layer, Schedule, Semaphore } from "effect"
import { InvalidNar } from "../domain/artifacts/NarReader.ts"
import { InvalidZstd } from "../domain/artifacts/zstdFrames.ts"
import { ArtifactConfig } from "./ArtifactConfig.ts"
import { StorageFailed, StorageFull, UploadRefused } from "./errors.ts"
import { type NarContents, type NarFacts, receiveNar } from "./receiveNar.ts"
import { inBucket } from "./storage/inBucket.ts"
import { type FoundFile, isAbsent, type NarStorage } from "./storage/NarStorage.ts"
import { onDisk } from "./storage/onDisk.ts"

/** A file that nobody has written to for so long belongs to an upload that is gone. */
const staleMs = 15 * 60_000
/** No upload takes longer to go from here to a bucket. */
const uploadMsMost = 24 * 3600_000

const full = new Set(["ENOSPC", "EDQUOT", "EFBIG"])
const aborted = new Set(["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"])

const storageFailed = (cause: unknown) => new StorageFailed({ message: (cause as Error).message })

const storageError = (cause: unknown): StorageFull | StorageFailed =>
  full.has((cause as NodeJS.ErrnoException).code ?? "")
    ? new StorageFull({ message: "there is no room for it" })
    : storageFailed(cause)

/** Says what a failed upload is: wrong content, no room, or a disk that does not work. */
const uploadError = (cause: unknown): UploadRefused | StorageFull | StorageFailed => {
  if (cause instanceof UploadRefused || cause instanceof StorageFull) return cause
  if (cause instanceof InvalidNar)
    return new UploadRefused({ message: `the archive is refused: ${cause.message}` })
  if (cause instanceof InvalidZstd)
    return new UploadRefused({ message: `the file is refused: ${cause.message}` })
  const { code = "" } = cause as NodeJS.ErrnoException
  if (aborted.has(code)) return new UploadRefused({ message: "the upload broke off" })
  if (/^(ZSTD_|ERR_ZSTD|Z_|ERR_BUFFER_TOO_LARGE)/.test(code))
    return new UploadRefused({ message: `the file cannot be decompressed (${code})` })
  return storageError(cause)
}

const removeStale = async (incoming: string, now: number): Promise<void> => {
  await mkdir(incoming, { recursive: true })
  for (const name of await readdir(incoming)) {
    const file = join(incoming, name)
    const found = await stat(file).catch(() => null)
    if (found !== null && now - found.mtimeMs > staleMs) await rm(file, { force: true })
  }
}

/**
 * A file that is sent: under its SHA-256 (hexadecimal; null: whatever it is), its bytes, how many there shall be, and,
 * where it is known, what the archive has to be.
 */
export type NarUpload = [
  fileHash: string | null,
  body: Readable,
  announcedBytes: number | null,
  contents?: NarContents,
]

const hashOf = async (file: Readable, signal: AbortSignal) => {
  const hash = createHash("sha256")
  let size = 0
  try {
    for await (const bytes of file) {
      signal.throwIfAborted()
      hash.update(bytes)
      size += bytes.length
    }
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
  return { hash: hash.digest("hex"), size }
}

/**
 * The NARs: `<data>/artifacts/nar/<first two digits>/<SHA-256 of the file>.nar.zst`, or the same below a bucket's prefix.
 * What is uploaded lies on the disk until it was found right, also when there is a bucket.
 */
export class NarFiles extends Context.Service<
  NarFiles,
  {
    /**
     * Takes in a file. When it was found right, `keep` is run, which puts it in its place with `move`. On failure or
     * interruption nothing of it stays but, in a bucket, an object without a row, which goes when it is a day old.
     */
    readonly receive: <A, E, R>(
      keep: (
        facts: NarFacts,
        move: Effect.Effect<void, StorageFull | StorageFailed>,
      ) => Effect.Effect<A, E, R>,
      ...upload: NarUpload
    ) => Effect.Effect<A, UploadRefused | StorageFull | StorageFailed | E, R>
    readonly has: (fileHash: string) => Effect.Effect<boolean, StorageFailed>
    /** Also when it is not there. */
    readonly remove: (fileHash: string) => Effect.Effect<void, StorageFailed>
    /** The files whose hash begins with these two digits. */
    readonly list: (prefix: string) => Effect.Effect<ReadonlyArray<FoundFile>, StorageFailed>
    /** The SHA-256 and the size that a file really has; null when it is not there. */
    readonly examine: (
      fileHash: string,
    ) => Effect.Effect<{ readonly hash: string; readonly size: number } | null, StorageFailed>
    /** Of its disk; null for a bucket. */
    readonly freeBytes: Effect.Effect<number | null>
    /** Whether the disk has room for so many bytes more from upstream caches. */
    readonly hasRoomBesideUploads: (bytes: number) => Effect.Effect<boolean>
    /** Bytes `start` to `end`, both included. Errors come out of the stream. */
    readonly read: NarStorage["read"]
  }
>()("platform/artifacts/NarFiles") {
  static readonly layer = Layer.effect(
    NarFiles,
    Effect.gen(function* () {
      const config = yield* ArtifactConfig
      const folder = join(config.dataFolder, "artifacts")
      const incoming = join(folder, "incoming")
      const storage = config.bucket === null ? onDisk(folder) : inBucket(config.bucket)
      const permits = yield* Semaphore.make(config.uploads)
      const sweep = Effect.tryPromise({
        try: () => removeStale(incoming, Date.now()),
        catch: storageFailed,
      })
      yield* sweep
      const sweepStorage = Effect.tryPromise({
        try: () => storage.sweep(uploadMsMost),
        catch: storageFailed,
      }).pipe(Effect.catch((error) => Effect.logWarning("what uploads left behind stays for now", error)))
      yield* Effect.forkScoped(
        Effect.all([Effect.ignore(sweep), sweepStorage], { discard: true }).pipe(
          Effect.repeat(Schedule.spaced(staleMs)),
        ),
      )
      const { fileBytes, narBytes, reserveBytes } = config
      const limits = { fileBytes, narBytes, reserveBytes, incoming }
      return NarFiles.of({
        receive: (keep, fileHash, body, announcedBytes, contents = null) =>
          Effect.tryPromise({
            try: (signal) => {
              // Interruption ends the upload by its source, so that it cleans up after itself.
              signal.addEventListener("abort", () => body.destroy())
              // The request stays open when this stops early, so that the answer can be sent.
              const bytes = body.iterator({ destroyOnReturn: false })
              return receiveNar(bytes, { ...limits, storage, signal, fileHash, announcedBytes, contents })
            },
            catch: uploadError,
          }).pipe(
            Effect.flatMap(({ facts, move, discard }) =>
              keep(facts, Effect.tryPromise({ try: move, catch: storageError })).pipe(
                Effect.ensuring(Effect.promise(discard)),
              ),
            ),
            permits.withPermit,
          ),
        has: (fileHash) => Effect.tryPromise({ try: () => storage.has(fileHash), catch: storageFailed }),
        remove: (fileHash) =>
          Effect.tryPromise({ try: () => storage.remove(fileHash), catch: storageFailed }),
        list: (prefix) => Effect.tryPromise({ try: () => storage.list(prefix), catch: storageFailed }),
        examine: (fileHash) =>
          Effect.tryPromise({
            try: (signal) => hashOf(storage.read(fileHash), signal),
            catch: storageFailed,
          }),
        freeBytes: Effect.promise(storage.freeBytes),
        hasRoomBesideUploads: (bytes) =>
          Effect.promise(() =>
            statfs(incoming).then(
              ({ bavail, blocks, bsize }) =>
                bavail * bsize - bytes >= Math.max(reserveBytes, blocks * bsize * config.upstreamReserve),
              // What is wrong with it is for who writes to say.
              () => true,
            ),
          ),
        read: storage.read,
      })
    }),
  )
}
