import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, ManagedRuntime } from "effect"
import Koa from "koa"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { facts } from "../../test/installation.ts"
import { AgentBundle } from "../install/AgentBundle.ts"
import { bundleOf } from "../install/bundle.ts"
import { Flake } from "../install/Flake.ts"
import type { InstallationFacts, Refusal } from "../install/facts.ts"
import { InstallError } from "../install/InstallError.ts"
import { Installer } from "../install/Installer.ts"
import { Runtimes } from "../install/Runtimes.ts"
import { installRoutes } from "./install.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-install-"))
const agent = bundleOf(Buffer.from("// agent"))
const launcher = bundleOf(Buffer.from("// launcher"))
const deno = { sha256: "d".repeat(64), bytes: 5, file: join(folder, "deno.gz") }
const denoPath = `/install/runtime/deno-${deno.sha256}.gz`
const flake = Buffer.from("flake")
const flakeSha256 = createHash("sha256").update(flake).digest("hex")

let nodeIsBroken = false
const layer = Installer.layerNoDeps.pipe(
  Layer.provide(
    Layer.mergeAll(
      Layer.succeed(AgentBundle, {
        agent: Effect.succeed({ ...agent, version: "0.1.0+test" }),
        launcher: Effect.succeed(launcher),
      }),
      Layer.succeed(Runtimes, {
        available: (runtime) =>
          runtime === "node" && nodeIsBroken
            ? Effect.fail(new InstallError({ what: "node for workers", reason: "the disk is full" }))
            : Effect.succeed(runtime === "deno" ? { x86_64: { ...deno, path: denoPath } } : {}),
      }),
      Layer.succeed(Flake, {
        tarball: Effect.succeed({
          path: `/install/flake/${flakeSha256}.tar.gz`,
          sha256: flakeSha256,
          bytes: flake.length,
          narHash: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
          content: flake,
        }),
      }),
    ),
  ),
)

let found: InstallationFacts | Refusal = facts()
let looked: Array<readonly [token: string, address: string]> = []
const runtime = ManagedRuntime.make(layer)
let server: Server
let url = ""

beforeAll(async () => {
  writeFileSync(deno.file, "12345")
  const app = new Koa()
  const find = (token: string, address: string) =>
    Effect.sync(() => {
      looked.push([token, address])
      return found
    })
  app.use(await runtime.runPromise(installRoutes(find)))
  app.use((ctx) => {
    ctx.body = "the page"
  })
  server = createServer(app.callback())
  // For both families, as the platform listens: the address of a machine is shown as it is all the same.
  await new Promise<void>((resolve) => server.listen(0, "::", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await runtime.dispose()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  found = facts()
  looked = []
})

const get = async (path: string, method = "GET") => {
  const response = await fetch(`${url}${path}`, { method })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const token = "T".repeat(43)

describe("GET /install/<token>", () => {
  it("gives the script to whoever has the token, and nobody keeps it", async () => {
    const { status, headers, text } = await get(`/install/${token}`)
    expect(status).toBe(200)
    expect(headers.get("content-type")).toBe("text/x-shellscript; charset=utf-8")
    expect(headers.get("cache-control")).toBe("no-store")
    expect(text).toMatch(/^#!\/bin\/sh\n/)
    expect(text).toContain(agent.sha256)
    expect(looked).toEqual([[token, "127.0.0.1"]])
  })

  it.each(["unknown", "used", "revoked", "expired", "forbidden"] as const)(
    "gives a script that says why not: %s",
    async (refused) => {
      found = { refused }
      const { status, headers, text } = await get(`/install/${token}`)
      expect(status).toBe(200)
      expect(headers.get("cache-control")).toBe("no-store")
      expect(text).toContain("exit 1")
      expect(text).not.toContain(token)
    },
  )

  it("looks nothing up that cannot be a token", async () => {
    for (const path of ["x", "T".repeat(42), `${"T".repeat(43)}%0a`, "a%2fb"])
      expect((await get(`/install/${path}`)).text).not.toContain("facts()")
    expect(looked).toEqual([])
  })

  it("does not count a look at it as fetching it", async () => {
    expect((await get(`/install/${token}`, "HEAD")).status).toBe(405)
    expect(looked).toEqual([])
  })

  it("says so when the platform itself cannot", async () => {
    nodeIsBroken = true
    found = facts({ runtime: "node" })
    const { status, text } = await get(`/install/${token}`)
    nodeIsBroken = false
    expect(status).toBe(200)
    expect(text).toContain("the disk is full")
    expect(text).toContain("exit 1")
  })
})

describe("the files that a worker fetches", () => {
  it.each([
    [`/install/agent/${agent.sha256}.mjs`, "// agent", "text/javascript; charset=utf-8"],
    [`/install/launcher/${launcher.sha256}.mjs`, "// launcher", "text/javascript; charset=utf-8"],
    [denoPath, "12345", "application/gzip"],
    [`/install/flake/${flakeSha256}.tar.gz`, "flake", "application/gzip"],
    [`/install/flake/${flakeSha256}.tar.gz?narHash=sha256-x`, "flake", "application/gzip"],
  ])("%s", async (path, content, type) => {
    const { status, headers, text } = await get(path)
    expect([status, text]).toEqual([200, content])
    expect(headers.get("content-type")).toBe(type)
    expect(headers.get("content-length")).toBe(String(content.length))
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
  })

  it("are those of this platform's version only", async () => {
    for (const path of [
      `/install/agent/${launcher.sha256}.mjs`,
      `/install/launcher/${agent.sha256}.mjs`,
      `/install/runtime/deno-${"0".repeat(64)}.gz`,
      `/install/runtime/node-${deno.sha256}.gz`,
      `/install/runtime/..%2fdeno.gz`,
      "/install/flake/x.tar.gz",
      "/install/other/x",
    ])
      expect((await get(path)).status, path).toBe(404)
  })

  it("leave the page alone", async () => {
    expect((await get("/workers")).text).toBe("the page")
  })
})
