import { Readable } from "node:stream"
import type { ReadableStream } from "node:stream/web"
import type Koa from "koa"

/** Set here for handlers, which see no socket. */
export const remoteAddressHeader = "x-skypanel-remote-address"

/**
 * Carries a request from Koa to a web handler and its answer back, both as streams. A client that goes away
 * interrupts the handler.
 */
export const webHandler =
  (handler: (request: Request) => Promise<Response>): Koa.Middleware =>
  async (ctx) => {
    const abort = new AbortController()
    ctx.res.once("close", () => ctx.res.writableFinished || abort.abort())
    const body =
      ctx.method === "GET" || ctx.method === "HEAD"
        ? {}
        : {
            body: Readable.toWeb(ctx.req) as unknown as NonNullable<RequestInit["body"]>,
            duplex: "half" as const,
          }
    const response = await handler(
      new Request(ctx.URL, {
        method: ctx.method,
        // Where it comes from, as Koa sees it: whatever a client wrote there itself is replaced.
        headers: { ...(ctx.headers as Record<string, string>), [remoteAddressHeader]: ctx.ip },
        signal: abort.signal,
        ...body,
      }),
    )
    ctx.body = response.body && Readable.fromWeb(response.body as ReadableStream)
    // After the body: Koa answers 204 to an empty one.
    ctx.status = response.status
    for (const [name, value] of response.headers) if (name !== "set-cookie") ctx.set(name, value)
    const cookies = response.headers.getSetCookie()
    if (cookies.length > 0) ctx.set("set-cookie", cookies)
  }
