import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdir, readdir, rm, stat, statfs } from "node:fs/promises"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { Context, Effect, Layer, Schedule, Semaphore } from "effect"
import { InvalidNar } from "../domain/artifacts/NarReader.ts"
import { InvalidZstd } from "../domain/artifacts/zstdFrames.ts"
import { ArtifactConfig } from "./ArtifactConfig.ts"
import { StorageFailed, StorageFull, UploadRefused } from "./errors.ts"
import { type NarContents, type NarFacts, receiveNar } from "./receiveNar.ts"

/** A file that nobody has written to for so long belongs to an upload that is gone. */
const staleMs = 15 * 60_000

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

export interface FoundFile {
  readonly fileHash: string
  readonly modifiedMs: number
}

const absent = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT"

const listFolder = async (folder: string): Promise<ReadonlyArray<FoundFile>> => {
  const names = await readdir(folder).catch((error) => {
    if (absent(error)) return []
    throw error
  })
  const found: Array<FoundFile> = []
  for (const name of names) {
    const fileHash = /^([0-9a-f]{64})\.nar\.zst$/.exec(name)?.[1]
    const state = fileHash === undefined ? null : await stat(join(folder, name)).catch(() => null)
    if (fileHash !== undefined && state?.isFile()) found.push({ fileHash, modifiedMs: state.mtimeMs })
  }
  return found
}

const hashOf = async (file: string, signal: AbortSignal) => {
  const hash = createHash("sha256")
  let size = 0
  try {
    for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024, signal })) {
      hash.update(bytes)
      size += bytes.length
    }
  } catch (error) {
    if (absent(error)) return null
    throw error
  }
  return { hash: hash.digest("hex"), size }
}

/** The NARs on the disk: `<data>/artifacts/nar/<first two digits>/<SHA-256 of the file>.nar.zst`. */
export class NarFiles extends Context.Service<
  NarFiles,
  {
    /**
     * Takes in a file. When it was found right, `keep` is run, which puts it in its place with `move`. On failure or
     * interruption nothing of it stays.
     */
    readonly receive: <A, E, R>(
      keep: (
        facts: NarFacts,
        move: Effect.Effect<void, StorageFull | StorageFailed>,
      ) => Effect.Effect<A, E, R>,
      ...upload: NarUpload
    ) => Effect.Effect<A, UploadRefused | StorageFull | StorageFailed | E, R>
    readonly has: (fileHash: string) => Effect.Effect<boolean>
    /** Also when it is not there. */
    readonly remove: (fileHash: string) => Effect.Effect<void, StorageFailed>
    /** The files whose hash begins with these two digits. */
    readonly list: (prefix: string) => Effect.Effect<ReadonlyArray<FoundFile>, StorageFailed>
    /** The SHA-256 and the size that a file really has; null when it is not there. */
    readonly examine: (
      fileHash: string,
    ) => Effect.Effect<{ readonly hash: string; readonly size: number } | null, StorageFailed>
    /** Of its disk. */
    readonly freeBytes: Effect.Effect<number | null>
    /** Whether the disk has room for so many bytes more from upstream caches. */
    readonly hasRoomBesideUploads: (bytes: number) => Effect.Effect<boolean>
    /** Bytes `start` to `end`, both included. Errors come out of the stream. */
    readonly read: (fileHash: string, range?: { readonly start: number; readonly end: number }) => Readable
  }
>()("platform/artifacts/NarFiles") {
  static readonly layer = Layer.effect(
    NarFiles,
    Effect.gen(function* () {
      const config = yield* ArtifactConfig
      const folder = join(config.dataFolder, "artifacts")
      const incoming = join(folder, "incoming")
      const pathOf = (hash: string) => join(folder, "nar", hash.slice(0, 2), `${hash}.nar.zst`)
      const permits = yield* Semaphore.make(config.uploads)
      const sweep = Effect.tryPromise({
        try: () => removeStale(incoming, Date.now()),
        catch: storageFailed,
      })
      yield* sweep
      yield* Effect.forkScoped(Effect.ignore(sweep).pipe(Effect.repeat(Schedule.spaced(staleMs))))
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
              return receiveNar(bytes, { ...limits, targetOf: pathOf, fileHash, announcedBytes, contents })
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
        has: (fileHash) =>
          Effect.promise(() =>
            stat(pathOf(fileHash)).then(
              (found) => found.isFile(),
              () => false,
            ),
          ),
        remove: (fileHash) =>
          Effect.tryPromise({ try: () => rm(pathOf(fileHash), { force: true }), catch: storageFailed }),
        list: (prefix) =>
          Effect.tryPromise({ try: () => listFolder(join(folder, "nar", prefix)), catch: storageFailed }),
        examine: (fileHash) =>
          Effect.tryPromise({ try: (signal) => hashOf(pathOf(fileHash), signal), catch: storageFailed }),
        freeBytes: Effect.promise(() =>
          statfs(incoming).then(
            ({ bavail, bsize }) => bavail * bsize,
            () => null,
          ),
        ),
        hasRoomBesideUploads: (bytes) =>
          Effect.promise(() =>
            statfs(incoming).then(
              ({ bavail, blocks, bsize }) =>
                bavail * bsize - bytes >= Math.max(reserveBytes, blocks * bsize * config.upstreamReserve),
              // What is wrong with it is for who writes to say.
              () => true,
            ),
          ),
        read: (fileHash, range) =>
          createReadStream(pathOf(fileHash), { highWaterMark: 256 * 1024, ...range }),
      })
    }),
  )
}
