import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CacheKeysGroup } from "@skypanel/contract/api/CacheKeysGroup"
import { InputErrors } from "@skypanel/contract/Session"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { HttpApi, HttpApiBuilder } from "effect/http-api"
import { afterAll, beforeAll, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { layerByToken } from "../../test/byToken.ts"
import { storeFor } from "../../test/store.ts"
import { ArtifactConfig } from "../artifacts/ArtifactConfig.ts"
import { SigningKeys } from "../artifacts/SigningKeys.ts"
import { listAudit } from "../store/Audit.ts"
import { layerCacheKeys } from "./cacheKeys.ts"
import { layerInputErrors } from "./inputErrors.ts"

class KeysApi extends HttpApi.make("skypanel")
  .add(CacheKeysGroup)
  .prefix("/api/v1")
  .middleware(InputErrors) {}

const postgres = usePostgres()
const dataFolder = mkdtempSync(join(tmpdir(), "skypanel-keys-"))

const make = (url: string) =>
  ManagedRuntime.make(
    SigningKeys.layer.pipe(
      Layer.provideMerge(ArtifactConfig.layer({ dataFolder, secret: Redacted.make("secret") })),
      Layer.provideMerge(storeFor(url)),
    ),
  )
type Runtime = ReturnType<typeof make>
type Needs = Runtime extends ManagedRuntime.ManagedRuntime<infer R, infer _> ? R : never
let runtime: Runtime
let handler: (request: Request) => Promise<Response>

const ask = async (as: string, method: string, path = "") => {
  const answer = await handler(
    new Request(`http://localhost/api/v1/cache/keys${path}`, {
      method,
      headers: { Authorization: `Bearer ${as}` },
    }),
  )
  return { status: answer.status, body: await answer.json() }
}

beforeAll(async () => {
  runtime = make(await postgres().database())
  const services = Layer.succeedContext(await runtime.runPromise(Effect.context<Needs>()))
  const routes = HttpApiBuilder.layer(KeysApi).pipe(
    Layer.provide(layerCacheKeys),
    Layer.provide([layerByToken, layerInputErrors]),
    Layer.provide(HttpServer.layerServices),
    Layer.provide(services),
  )
  handler = HttpRouter.toWebHandler(routes, { disableLogger: true }).handler as typeof handler
})
afterAll(async () => {
  await runtime.dispose()
  rmSync(dataFolder, { recursive: true })
})

it("makes and retires keys for administrators, and writes down who did it", async () => {
  expect(await ask("admin", "GET")).toMatchObject({
    status: 200,
    body: [{ name: "skypanel-1", state: "signs" }],
  })
  expect((await ask("admin", "POST", "/skypanel-1/retire")).status).toBe(409)
  expect((await ask("admin", "POST", "/rotate")).body).toMatchObject([
    { state: "signs" },
    { state: "overlaps" },
  ])
  expect((await ask("admin", "POST", "/skypanel-1/retire")).body).toMatchObject([
    { name: "skypanel-2", state: "signs" },
    { name: "skypanel-1", state: "retired" },
  ])
  const events = await runtime.runPromise(listAudit(null))
  expect(events.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    "admin@example.com cache.key-retired",
    "admin@example.com cache.key-made",
  ])
})

it("is for nobody else", async () => {
  for (const [method, path] of [
    ["GET", ""],
    ["POST", "/rotate"],
    ["POST", "/skypanel-2/retire"],
  ] as const)
    expect((await ask("member", method, path)).status).toBe(403)
  expect((await ask("admin", "GET")).body).toHaveLength(2)
})
