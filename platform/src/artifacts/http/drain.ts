import { finished } from "node:stream/promises"
import { Effect } from "effect"
import type Koa from "koa"

const drainMs = 5000

/** After a refusal the rest is read for a while, so that the client gets to read why. */
export const drain = (ctx: Koa.Context): Effect.Effect<void> =>
  Effect.suspend(() => {
    ctx.set("Connection", "close")
    ctx.req.resume()
    return Effect.promise(() => finished(ctx.req, { writable: false }).catch(() => undefined))
  }).pipe(Effect.timeoutOption(drainMs), Effect.asVoid)
