import { existsSync } from "node:fs"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { join } from "node:path"
import { Effect } from "effect"
import type Koa from "koa"
import sirv from "sirv"

const root = new URL("../../../ui", import.meta.url).pathname

type Connect = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

const fromConnect =
  (middleware: Connect): Koa.Middleware =>
  async (ctx, next) => {
    ctx.respond = false
    await new Promise<void>((resolve) => {
      ctx.res.once("close", resolve)
      middleware(ctx.req, ctx.res, () => {
        ctx.respond = true
        resolve()
      })
    })
    if (ctx.respond) await next()
  }

/** The page as it was built; paths that are no file are routes of the page itself. */
const built = (folder: string) =>
  Effect.sync(() => fromConnect(sirv(folder, { single: true, etag: true, maxAge: 0, immutable: false })))

/** The page from its sources, with changes shown as they are saved. */
const fromSources = (server: Server) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const { createServer } = await import("vite")
      return createServer({
        root,
        configFile: `${root}/vite.config.ts`,
        appType: "spa",
        logLevel: "warn",
        server: { middlewareMode: true, hmr: { server } },
      })
    }),
    (vite) => Effect.promise(() => vite.close()),
  ).pipe(Effect.map((vite) => fromConnect(vite.middlewares)))

export interface UiSource {
  readonly ui: "built" | "sources"
  readonly uiFolder: string
}

export const serveUi = (server: Server, { ui, uiFolder }: UiSource) =>
  ui === "sources" || !existsSync(join(uiFolder, "index.html")) ? fromSources(server) : built(uiFolder)
