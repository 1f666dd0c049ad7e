import type { Readable } from "node:stream"
import { Effect } from "effect"
import type Koa from "koa"
import { type ByteRange, parseRange } from "./range.ts"

/** Bytes that never change under their name. */
export interface Immutable<E, R> {
  readonly type: string
  readonly size: number
  /** Without quotes. */
  readonly tag: string
  readonly open: (range: ByteRange) => Effect.Effect<Readable | string, E, R>
}

/** Koa leaves the connection open when a stream fails after the headers: the client would wait for ever. */
export const endingWith = (ctx: Koa.Context, body: Readable | string): Readable | string =>
  typeof body === "string" ? body : body.on("error", () => ctx.res.destroy())

/** The client has it already. */
export const isHeld = (ctx: Koa.Context, tag: string): boolean =>
  ctx
    .get("If-None-Match")
    .split(/\s*,\s*/)
    .includes(tag)

/**
 * Answers GET and HEAD: the exact Content-Length always, one range as 206 with the exact Content-Range (dockerd takes
 * a broken download up again only so), 304 for what the client has.
 */
export const sendBytes = <E, R>(ctx: Koa.Context, bytes: Immutable<E, R>): Effect.Effect<void, E, R> =>
  Effect.gen(function* () {
    const tag = `"${bytes.tag}"`
    ctx.set({ ETag: tag, "Accept-Ranges": "bytes", "Content-Type": bytes.type })
    ctx.set("Cache-Control", "private, max-age=31536000, immutable")
    if (isHeld(ctx, tag)) {
      ctx.status = 304
      return
    }
    const wanted = ctx.get("If-Range") === "" || ctx.get("If-Range") === tag
    const range = ctx.method === "GET" && wanted ? parseRange(ctx.get("Range"), bytes.size) : null
    if (range === "unsatisfiable") {
      ctx.status = 416
      ctx.set("Content-Range", `bytes */${bytes.size}`)
      return
    }
    const { start, end } = range ?? { start: 0, end: bytes.size - 1 }
    if (ctx.method === "GET") ctx.body = endingWith(ctx, yield* bytes.open({ start, end }))
    ctx.status = range === null ? 200 : 206
    if (range !== null) ctx.set("Content-Range", `bytes ${start}-${end}/${bytes.size}`)
    // After the body, which would set others.
    ctx.set("Content-Type", bytes.type)
    ctx.length = end - start + 1
  })
