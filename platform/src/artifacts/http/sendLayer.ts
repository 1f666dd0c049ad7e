import { pipeline, type Readable } from "node:stream"
import { Effect } from "effect"
import type Koa from "koa"
import { Compressions } from "../Compressions.ts"
import { acceptedEncoding, compressors, isLoopback } from "./contentEncoding.ts"
import { type Immutable, sendBytes } from "./sendBytes.ts"

/** Less is not worth beginning. */
const leastBytes = 16 * 1024

/** What is asked for in parts is sent as it is: parts of what was compressed are of no use to who has the other parts. */
const encodingFor = (ctx: Koa.Context, size: number) =>
  ctx.method === "GET" && ctx.get("Range") === "" && size >= leastBytes && !isLoopback(ctx.ip)
    ? acceptedEncoding(ctx.get("Accept-Encoding"))
    : null

/**
 * Answers like `sendBytes`; compressed on the way when the client asks for that, and a processor is free for it. The
 * digest stays that of the bytes as they are: engines take the encoding off before they look.
 */
export const sendLayer = <E, R>(
  ctx: Koa.Context,
  layer: Omit<Immutable<E, R>, "open"> & {
    readonly open: (range: { readonly start: number; readonly end: number }) => Effect.Effect<Readable, E, R>
  },
): Effect.Effect<void, E, R | Compressions> =>
  Effect.gen(function* () {
    ctx.vary("Accept-Encoding")
    const encoding = encodingFor(ctx, layer.size)
    const tag = `"${layer.tag}-${encoding}"`
    if (
      encoding !== null &&
      ctx
        .get("If-None-Match")
        .split(/\s*,\s*/)
        .includes(tag)
    ) {
      ctx.set("ETag", tag)
      ctx.status = 304
      return
    }
    const ended = encoding === null ? null : (yield* Compressions).begin()
    if (encoding === null || ended === null) return yield* sendBytes(ctx, layer)
    const source = yield* layer
      .open({ start: 0, end: layer.size - 1 })
      .pipe(Effect.onError(() => Effect.sync(ended)))
    // What goes wrong ends the connection: the answer must not look whole.
    ctx.body = pipeline(source, compressors[encoding](), (error) => error && ctx.res.destroy()).once(
      "close",
      ended,
    )
    ctx.status = 200
    ctx.set({ ETag: tag, "Content-Encoding": encoding, "Content-Type": layer.type })
    ctx.set("Cache-Control", "private, max-age=31536000, immutable")
  })
