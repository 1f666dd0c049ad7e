import { createServer } from "node:http"
import { Router } from "@koa/router"
import { Effect, Layer, Schema } from "effect"
import { HttpRouter } from "effect/http"
import { SqlClient } from "effect/sql"
import Koa from "koa"
import { artifactMiddlewares } from "../artifacts/http/middlewares.ts"
import { Auth } from "../auth/Auth.ts"
import { PlatformConfig } from "../config.ts"
import { findInstallationFacts } from "../fleet/installationFacts.ts"
import { serveAgents } from "./agentChannel.ts"
import { type ApiServices, layerApi } from "./api.ts"
import { folderMiddleware } from "./folderUpload.ts"
import { gitMiddleware } from "./gitRemote.ts"
import { hookRoutes } from "./hooks.ts"
import { installRoutes } from "./install.ts"
import { refuseForeignOrigins, securityHeaders } from "./security.ts"
import { serveUi } from "./ui.ts"
import { webHandler } from "./webHandler.ts"

export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  port: Schema.Int,
  reason: Schema.String,
}) {}

const listen = (server: ReturnType<typeof createServer>, host: string, port: number) =>
  Effect.callback<void, CannotListen>((resume) => {
    server.once("error", (error) => resume(Effect.fail(new CannotListen({ port, reason: error.message }))))
    server.listen(port, host, () => resume(Effect.void))
  })

const close = (server: ReturnType<typeof createServer>) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

const healthRoutes = (router: Router, isReady: () => Promise<boolean>) => {
  router.get("/healthz", (ctx) => {
    ctx.body = { status: "ok" }
  })
  router.get("/readyz", async (ctx) => {
    const ready = await isReady()
    ctx.status = ready ? 200 : 503
    ctx.body = { status: ready ? "ready" : "the database does not answer" }
  })
}

/** For whoever has a token and asks from an address; a database that does not answer knows no token. */
const findInstallation = Effect.map(
  Effect.context<Effect.Services<ReturnType<typeof findInstallationFacts>>>(),
  (context) => (token: string, address: string) =>
    findInstallationFacts(token, address).pipe(
      Effect.catch((error) =>
        Effect.as(Effect.logError("cannot look up an installation", error), { refused: "unknown" as const }),
      ),
      Effect.provideContext(context),
    ),
)

/** Koa in front of everything that the platform answers on its one port. */
export const serve = Effect.gen(function* () {
  const config = yield* PlatformConfig
  const auth = yield* Auth
  const sql = yield* SqlClient.SqlClient
  const context = yield* Effect.context<ApiServices>()
  const services = Layer.succeedContext(context)
  const routes = layerApi.pipe(HttpRouter.provideRequest(services), Layer.provide(services))
  const api = yield* Effect.acquireRelease(
    Effect.sync(() => HttpRouter.toWebHandler(routes, { disableLogger: true })),
    (handler) => Effect.promise(() => handler.dispose()),
  )

  const app = new Koa({ proxy: config.behindProxy })
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16_384,
  })
  // A client that leaves in the middle of a stream is no error.
  app.on("error", (error: { code?: string }) => {
    if (!["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"].includes(error.code ?? ""))
      Effect.runFork(Effect.logError("request", error))
  })

  const router = new Router()
  healthRoutes(router, () =>
    Effect.runPromise(
      sql`select 1`.pipe(
        Effect.timeout("2 seconds"),
        Effect.match({ onFailure: () => false, onSuccess: () => true }),
      ),
    ),
  )
  yield* hookRoutes(router)
  router.all("/api/auth/{*path}", async (ctx) => {
    ctx.respond = false
    await auth.handler(ctx.req, ctx.res)
  })
  router.all("/api/v1/{*path}", webHandler(api.handler))

  app.use(securityHeaders(config.development))
  app.use(refuseForeignOrigins([config.publicUrl, `http://127.0.0.1:${config.port}`]))
  app.use(yield* folderMiddleware)
  app.use(yield* gitMiddleware)
  app.use(router.routes())
  app.use(yield* installRoutes(yield* findInstallation))
  for (const middleware of yield* artifactMiddlewares) app.use(middleware)
  app.use(yield* serveUi(server, config))

  // Koa composes its middleware here: everything is mounted by now.
  server.on("request", app.callback())
  yield* Effect.acquireRelease(listen(server, config.host, config.port), () => close(server))
  // After listening, so that it ends first: the server waits for connections that became WebSockets.
  yield* serveAgents(server)
  yield* Effect.logInfo(`listening on ${config.publicUrl}`)
})
