import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ArtifactStatus, defaultArtifactPolicy } from "@skypanel/contract/Artifacts"
import { ArtifactsGroup } from "@skypanel/contract/api/ArtifactsGroup"
import { InputErrors } from "@skypanel/contract/Session"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { HttpApi, HttpApiBuilder } from "effect/http-api"
import { afterAll, beforeAll, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { layerByToken } from "../../test/byToken.ts"
import { storeFor } from "../../test/store.ts"
import { ArtifactConfig } from "../artifacts/ArtifactConfig.ts"
import { Collector } from "../artifacts/collection/Collector.ts"
import { NarFiles } from "../artifacts/NarFiles.ts"
import { listAudit } from "../store/Audit.ts"
import { layerArtifacts } from "./artifacts.ts"
import { layerInputErrors } from "./inputErrors.ts"

class ArtifactsApi extends HttpApi.make("skypanel")
  .add(ArtifactsGroup)
  .prefix("/api/v1")
  .middleware(InputErrors) {}

const postgres = usePostgres()
const dataFolder = mkdtempSync(join(tmpdir(), "skypanel-artifacts-"))

const make = (url: string) =>
  ManagedRuntime.make(
    Collector.layer.pipe(
      Layer.provideMerge(NarFiles.layer),
      Layer.provideMerge(ArtifactConfig.layer({ dataFolder, secret: Redacted.make("secret") })),
      Layer.provideMerge(storeFor(url)),
    ),
  )
type Runtime = ReturnType<typeof make>
type Needs = Runtime extends ManagedRuntime.ManagedRuntime<infer R, infer _> ? R : never
let runtime: Runtime
let handler: (request: Request) => Promise<Response>

const ask = async (as: string, method: string, path = "", body?: unknown) => {
  const answer = await handler(
    new Request(`http://localhost/api/v1/artifacts${path}`, {
      method,
      headers: { Authorization: `Bearer ${as}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
  return { status: answer.status, body: await answer.json() }
}

beforeAll(async () => {
  runtime = make(await postgres().database())
  const services = Layer.succeedContext(await runtime.runPromise(Effect.context<Needs>()))
  const routes = HttpApiBuilder.layer(ArtifactsApi).pipe(
    Layer.provide(layerArtifacts),
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

it("shows the store, plans and collects for administrators, and writes down who changed what", async () => {
  expect((await ask("admin", "GET")).body).toMatchObject({
    policy: defaultArtifactPolicy,
    files: 0,
    runs: [],
  })
  expect((await ask("admin", "GET", "/plan")).body).toMatchObject({ images: [], paths: 0, overBytes: 0 })
  const policy = { ...defaultArtifactPolicy, totalBytes: 1024 ** 3 }
  expect((await ask("admin", "PUT", "/policy", policy)).body).toMatchObject({ policy })
  expect((await ask("admin", "PUT", "/policy", { ...policy, graceHours: 0 })).body).toMatchObject({
    issues: [{ path: "graceHours" }],
  })
  expect(await ask("admin", "POST", "/collect")).toMatchObject({ status: 202, body: { state: "running" } })
  await until("the collection to end", async () =>
    ((await ask("admin", "GET")).body as ArtifactStatus).runs[0]?.state === "done" ? true : null,
  )
  expect((await ask("admin", "POST", "/repair")).body).toEqual({ removed: 0, damage: [] })
  const events = await runtime.runPromise(listAudit(null))
  expect(events.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    "admin@example.com artifacts.repaired",
    "admin@example.com artifacts.policy",
  ])
})

it("says what cannot be pinned or unpinned", async () => {
  const target = { storePath: "/nix/store/00000000000000000000000000000000-x" }
  expect((await ask("admin", "POST", "/pins", { target, reason: "why" })).status).toBe(404)
  expect((await ask("admin", "POST", "/pins", { target, reason: "" })).status).toBe(400)
  const release = { organization: "acme", service: "web", number: 1 }
  expect((await ask("admin", "POST", "/pins", { target: { release }, reason: "why" })).status).toBe(404)
  expect((await ask("admin", "DELETE", "/pins/pin_1")).status).toBe(404)
})

it("is for nobody else", async () => {
  for (const [method, path] of [
    ["GET", ""],
    ["GET", "/plan"],
    ["POST", "/collect"],
    ["POST", "/verify"],
    ["POST", "/repair"],
    ["DELETE", "/pins/pin_1"],
  ] as const)
    expect((await ask("member", method, path)).status).toBe(403)
})
