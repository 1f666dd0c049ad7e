import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import Koa from "koa"
import { ArtifactConfig, type ArtifactSettings } from "../src/artifacts/ArtifactConfig.ts"
import { artifactMiddlewares } from "../src/artifacts/http/middlewares.ts"
import { layerArtifacts } from "../src/artifacts/layer.ts"
import { UploadAuthority, UploadUnauthorized } from "../src/artifacts/UploadAuthority.ts"
import { newBuildId } from "../src/domain/id.ts"
import { storeFor } from "./store.ts"

/** The only token that the test's authority lets upload. */
export const uploadToken = "bld_test.token"

/** Another organization's. */
export const otherUploadToken = "bld_second.token"

/** The build that it is for. */
export const uploadingBuild = newBuildId()
export const otherUploadingBuild = newBuildId()

/** A token of which the database does not say whose it is. */
export const unansweredToken = "bld_unanswered.token"

const authority = Layer.effect(
  UploadAuthority,
  Effect.map(SqlClient.SqlClient, (sql) => {
    const authorize = (token: string) => {
      if (token === uploadToken)
        return Effect.succeed({ workerId: "wrk_test", organizationId: "org_1", buildId: uploadingBuild })
      if (token === otherUploadToken)
        return Effect.succeed({ workerId: "wrk_test", organizationId: "org_2", buildId: otherUploadingBuild })
      const refused = Effect.fail(new UploadUnauthorized({ message: "this token may not upload" }))
      return token === unansweredToken ? Effect.andThen(sql`select from nothing`, refused) : refused
    }
    return UploadAuthority.of({
      authorize,
      reader: authorize,
      folderOf: () => Effect.fail(new UploadUnauthorized({ message: "this token is for no folder" })),
    })
  }),
)

const makeRuntime = (url: string, settings: Partial<ArtifactSettings> & { dataFolder: string }) =>
  ManagedRuntime.make(
    layerArtifacts.pipe(
      Layer.provideMerge(authority),
      Layer.provideMerge(
        ArtifactConfig.layer({
          secret: Redacted.make("0123456789012345678901234567890123456789"),
          reserveBytes: 0,
          upstreamReserve: 0,
          ...settings,
        }),
      ),
      Layer.provideMerge(storeFor(url)),
    ),
  )

export interface ArtifactServer {
  readonly runtime: ReturnType<typeof makeRuntime>
  readonly dataFolder: string
  /** `127.0.0.1:<port>` */
  readonly address: string
  readonly port: number
  readonly url: string
  /** Where `nix copy --to` uploads. */
  readonly pushUrl: string
  readonly server: Server
  /** What was asked for since the start: method, path, and the Range header. */
  readonly requests: Array<string>
  readonly close: () => Promise<void>
}

/** The artifact store behind a Koa server of its own, on a free port of all addresses. For tests and benchmarks. */
export const startArtifactServer = async (
  databaseUrl: string,
  settings: Partial<ArtifactSettings> = {},
): Promise<ArtifactServer> => {
  const own = settings.dataFolder === undefined
  const dataFolder = settings.dataFolder ?? mkdtempSync(join(tmpdir(), "skypanel-artifacts-"))
  const runtime = makeRuntime(databaseUrl, { ...settings, dataFolder })
  const app = new Koa()
  const requests: Array<string> = []
  app.use((ctx, next) => {
    requests.push(`${ctx.method} ${ctx.path}${ctx.get("Range") === "" ? "" : ` ${ctx.get("Range")}`}`)
    return next()
  })
  for (const middleware of await runtime.runPromise(artifactMiddlewares)) app.use(middleware)
  app.on("error", () => undefined)
  const server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  const address = `127.0.0.1:${port}`
  return {
    runtime,
    dataFolder,
    address,
    port,
    url: `http://${address}`,
    pushUrl: `http://${address}/cache/push/${uploadToken}`,
    server,
    requests,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await runtime.dispose()
      if (own) rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}
