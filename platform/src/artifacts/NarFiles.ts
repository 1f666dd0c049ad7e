import { createReadStream } from "node:fs"
import { mkdir, readdir, rm, stat } from "node:fs/promises"
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

/** Says what a failed upload is: wrong content, no room, or a disk that does not work. */
const uploadError = (cause: unknown): UploadRefused | StorageFull | StorageFailed => {
  if (cause instanceof UploadRefused || cause instanceof StorageFull) return cause
  if (cause instanceof InvalidNar)
    return new UploadRefused({ message: `the archive is refused: ${cause.message}` })
  if (cause instanceof InvalidZstd)
    return new UploadRefused({ message: `the file is refused: ${cause.message}` })
  const { code = "", message } = cause as NodeJS.ErrnoException
  if (full.has(code)) return new StorageFull({ message: "there is no room for it" })
  if (aborted.has(code)) return new UploadRefused({ message: "the upload broke off" })
  if (/^(ZSTD_|ERR_ZSTD|Z_|ERR_BUFFER_TOO_LARGE)/.test(code))
    return new UploadRefused({ message: `the file cannot be decompressed (${code})` })
  return new StorageFailed({ message })
}

const removeStale = async (incoming: string, now: number): Promise<void> => {
  await mkdir(incoming, { recursive: true })
  for (const name of await readdir(incoming)) {
    const file = join(incoming, name)
    const found = await stat(file).catch(() => null)
    if (found !== null && now - found.mtimeMs > staleMs) await rm(file, { force: true })
  }
}

/** The NARs on the disk: `<data>/artifacts/nar/<first two digits>/<SHA-256 of the file>.nar.zst`. */
export class NarFiles extends Context.Service<
  NarFiles,
  {
    /**
     * Takes in a file under its SHA-256 (hexadecimal; null: whatever it is). On failure or interruption nothing of it
     * stays. `contents`, where it is known, is what the archive has to be.
     */
    readonly receive: (
      fileHash: string | null,
      body: Readable,
      announcedBytes: number | null,
      contents?: NarContents,
    ) => Effect.Effect<NarFacts, UploadRefused | StorageFull | StorageFailed>
    readonly has: (fileHash: string) => Effect.Effect<boolean>
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
        catch: (cause) => new StorageFailed({ message: (cause as Error).message }),
      })
      yield* sweep
      yield* Effect.forkScoped(Effect.ignore(sweep).pipe(Effect.repeat(Schedule.spaced(staleMs))))
      const { fileBytes, narBytes, reserveBytes } = config
      const limits = { fileBytes, narBytes, reserveBytes, incoming }
      return NarFiles.of({
        receive: (fileHash, body, announcedBytes, contents = null) =>
          Effect.tryPromise({
            try: (signal) => {
              // Interruption ends the upload by its source, so that it cleans up after itself.
              signal.addEventListener("abort", () => body.destroy())
              // The request stays open when this stops early, so that the answer can be sent.
              const bytes = body.iterator({ destroyOnReturn: false })
              return receiveNar(bytes, { ...limits, targetOf: pathOf, fileHash, announcedBytes, contents })
            },
            catch: uploadError,
          }).pipe(permits.withPermit),
        has: (fileHash) =>
          Effect.promise(() =>
            stat(pathOf(fileHash)).then(
              (found) => found.isFile(),
              () => false,
            ),
          ),
        read: (fileHash, range) =>
          createReadStream(pathOf(fileHash), { highWaterMark: 256 * 1024, ...range }),
      })
    }),
  )
}
