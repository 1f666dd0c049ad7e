import { Effect } from "effect"
import { ArtifactConfig } from "../ArtifactConfig.ts"
import { ArtifactStore } from "../ArtifactStore.ts"
import { UploadRefused } from "../errors.ts"
import { asZstd } from "./recompress.ts"
import { bytesOf } from "./request.ts"
import { type AwaitedPath, UpstreamFailed } from "./Upstream.ts"

/** How long it may take until the file begins to come. */
const answerMs = 20_000

/** Passes on what comes, and remembers how it broke off. */
class Source {
  failure: Error | null = null
  readonly #bytes: AsyncIterable<Buffer>
  constructor(bytes: AsyncIterable<Buffer>) {
    this.#bytes = bytes
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      yield* this.#bytes
    } catch (error) {
      this.failure = error as Error
      throw error
    }
  }
}

const failed = ({ from }: AwaitedPath, cause: unknown) =>
  new UpstreamFailed({ message: `${from.cache.url}: ${(cause as Error).message}` })

const opened = (path: AwaitedPath, controller: AbortController) =>
  Effect.tryPromise({
    try: () => {
      const late = setTimeout(() => controller.abort(new Error("it does not answer")), answerMs)
      return path.from.openNar(path, controller.signal).finally(() => clearTimeout(late))
    },
    catch: (cause) => failed(path, cause),
  })

/**
 * Brings a path into the store as if a builder had uploaded it: its archive is checked while it is written, and has to be
 * the one that the signature is for. What it refers to is there already.
 */
export const fetchPath = (path: AwaitedPath) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new AbortController()),
    (controller) =>
      Effect.gen(function* () {
        const { narBytes, upstreamTimes } = yield* ArtifactConfig
        const store = yield* ArtifactStore
        const { info, from } = path
        const response = yield* opened(path, controller)
        if (response === null) return yield* new UploadRefused({ message: "its file is not there" })
        const source = new Source(bytesOf(response, { limit: narBytes, idleMs: upstreamTimes.idleMs }))
        const body = asZstd(source, info.compression)
        // It comes out where it is read.
        body.on("error", () => undefined)
        const named = info.compression === "zstd" ? info.fileHash : null
        const { narHash, narSize } = info
        const { fileHash, fileSize } = yield* store
          .putNar(named, body, info.fileSize, { narHash, narSize })
          .pipe(
            Effect.mapError((error) => (source.failure === null ? error : failed(path, source.failure))),
            Effect.ensuring(Effect.sync(() => body.destroy())),
          )
        const { host } = new URL(from.cache.url)
        yield* store.putNarInfo(
          { ...info, fileHash, fileSize },
          { name: `upstream ${host}`, build: null },
          path.verified,
        )
      }),
    (controller) => Effect.sync(() => controller.abort()),
  )
