import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { Router } from "@koa/router"
import { Effect } from "effect"
import type Koa from "koa"
import { type InstallationFacts, isRefusal, type Refusal } from "../install/facts.ts"
import { type FileContent, Installer } from "../install/Installer.ts"
import { renderFailure, renderRefusal } from "../install/refusal.ts"

/** Looks a token up for a machine that asks from this address. */
export type FindInstallation = (
  token: string,
  remoteAddress: string,
) => Effect.Effect<InstallationFacts | Refusal>

/** A token is 32 bytes in base64url; whatever else is asked for is not looked up. */
const tokenPattern = /^[A-Za-z0-9_-]{43}$/

/** `::ffff:192.0.2.7` is 192.0.2.7 on a socket for both families. */
const addressOf = (ctx: Koa.Context): string => (ctx.req.socket.remoteAddress ?? "").replace(/^::ffff:/, "")

const answerScript = (ctx: Koa.Context, find: FindInstallation) =>
  Effect.gen(function* () {
    const installer = yield* Installer
    const token = ctx.path.slice("/install/".length)
    const unknown: Refusal = { refused: "unknown" }
    const found = tokenPattern.test(token) ? yield* find(token, addressOf(ctx)) : unknown
    ctx.body = isRefusal(found)
      ? renderRefusal(found.refused)
      : yield* installer.render(found).pipe(
          Effect.map(({ script }) => script),
          Effect.tapError((error) => Effect.logError(error.message)),
          Effect.catch((error) => Effect.succeed(renderFailure(error.message))),
        )
    // After the body, which would set others. It has a token in it: nobody keeps it.
    ctx.set({ "Content-Type": "text/x-shellscript; charset=utf-8", "Cache-Control": "no-store" })
  })

const answerFile = async (ctx: Koa.Context, found: FileContent) => {
  ctx.body = "bytes" in found ? found.bytes : createReadStream(found.file)
  ctx.set({ "Content-Type": found.type, "Cache-Control": "public, max-age=31536000, immutable" })
  if ("file" in found) ctx.length = (await stat(found.file)).size
}

/**
 * `/install/…`: the script of an installation, and what it and the agents fetch. Files are named by their hashes and
 * are no secret; the script is for whoever has the token. Mount it before the page.
 */
export const installRoutes = (find: FindInstallation) =>
  Effect.gen(function* () {
    const installer = yield* Installer
    const context = yield* Effect.context<Installer>()
    const router = new Router()
    router.get("/install/:token", async (ctx) => {
      // To look at it only would count as having fetched it.
      if (ctx.method === "GET") await Effect.runPromiseWith(context)(answerScript(ctx, find))
      else {
        ctx.status = 405
        ctx.set("Allow", "GET")
      }
    })
    router.get("/install/:kind/:name", async (ctx) => {
      const found = await Effect.runPromiseWith(context)(installer.find(ctx.path))
      if (found === null) {
        ctx.status = 404
        ctx.body = "This platform has no such file; it may have been upgraded meanwhile.\n"
      } else await answerFile(ctx, found)
    })
    return router.routes()
  })
