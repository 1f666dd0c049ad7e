import { pipeline, type Readable } from "node:stream"
import { Effect } from "effect"
import type Koa from "koa"
import { Compressions } from "../Compressions.ts"
import { LayerFiles } from "../LayerFiles.ts"
import {
  acceptedEncoding,
  type ContentEncoding,
  compressors,
  isLoopback,
  leastBytes,
} from "./contentEncoding.ts"
import type { ByteRange } from "./range.ts"
import { endingWith, type Immutable, isHeld, sendBytes } from "./sendBytes.ts"

interface SentLayer<E, R> extends Omit<Immutable<E, R>, "open" | "tag"> {
  readonly digest: string
  readonly open: (range: ByteRange) => Effect.Effect<Readable, E, R>
}

/** What is asked for in parts is sent as it is: parts of what was compressed are of no use to who has the other parts. */
const encodingFor = (ctx: Koa.Context, size: number) =>
  ctx.method === "GET" && ctx.get("Range") === "" && size >= leastBytes && !isLoopback(ctx.ip)
    ? acceptedEncoding(ctx.get("Accept-Encoding"))
    : null

/** Null when as many are compressed already as may be. */
const compressed = <E, R>(ctx: Koa.Context, layer: SentLayer<E, R>, encoding: ContentEncoding) =>
  Effect.gen(function* () {
    const ended = (yield* Compressions).begin()
    if (ended === null) return null
    const whole = { start: 0, end: layer.size - 1 }
    const source = yield* layer.open(whole).pipe(Effect.onError(() => Effect.sync(ended)))
    // What goes wrong ends the connection: the answer must not look whole.
    const bytes = pipeline(source, compressors[encoding](), (error) => error && ctx.res.destroy())
    const { digest, size } = layer
    return yield* (yield* LayerFiles).keeping({ digest, size, form: encoding }, bytes.once("close", ended))
  })

/** True when it was sent so. */
const sendEncoded = <E, R>(ctx: Koa.Context, layer: SentLayer<E, R>, encoding: ContentEncoding) =>
  Effect.gen(function* () {
    const tag = `"${layer.digest}-${encoding}"`
    if (isHeld(ctx, tag)) {
      ctx.set("ETag", tag)
      ctx.status = 304
      return true
    }
    const kept = yield* (yield* LayerFiles).find(layer.digest, encoding)
    const bytes = kept?.read() ?? (yield* compressed(ctx, layer, encoding))
    if (bytes === null) return false
    ctx.body = endingWith(ctx, bytes)
    ctx.status = 200
    ctx.set({ ETag: tag, "Content-Encoding": encoding, "Content-Type": layer.type })
    ctx.set("Cache-Control", "private, max-age=31536000, immutable")
    if (kept !== null) ctx.length = kept.size
    return true
  })

/** The layer as it is: from its file when it is kept, else as it is made. */
const plain = <E, R>({ digest, size, open }: SentLayer<E, R>, range: ByteRange) =>
  Effect.gen(function* () {
    const files = yield* LayerFiles
    const kept = yield* files.find(digest, "tar")
    if (kept !== null) return kept.read(range)
    const made = yield* open(range)
    const whole = range.start === 0 && range.end === size - 1
    return whole ? yield* files.keeping({ digest, size, form: "tar" }, made) : made
  })

/**
 * Answers like `sendBytes`; compressed on the way when the client asks for that, and a processor is free for it. The
 * digest stays that of the bytes as they are: engines take the encoding off before they look.
 */
export const sendLayer = <E, R>(
  ctx: Koa.Context,
  layer: SentLayer<E, R>,
): Effect.Effect<void, E, R | Compressions | LayerFiles> =>
  Effect.gen(function* () {
    ctx.vary("Accept-Encoding")
    const encoding = encodingFor(ctx, layer.size)
    if (encoding !== null && (yield* sendEncoded(ctx, layer, encoding))) return
    yield* sendBytes(ctx, { ...layer, tag: layer.digest, open: (range: ByteRange) => plain(layer, range) })
  })
