import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { WorkerRole } from "@skypanel/contract/Worker"
import { Effect, Layer, ManagedRuntime } from "effect"
import Koa from "koa"
import { installRoutes } from "../../platform/src/http/install.ts"
import { AgentBundle } from "../../platform/src/install/AgentBundle.ts"
import type { Bundle } from "../../platform/src/install/bundle.ts"
import { bundle, entries } from "../../platform/src/install/bundle.ts"
import { Flake } from "../../platform/src/install/Flake.ts"
import type { InstallationFacts, RefusalReason } from "../../platform/src/install/facts.ts"
import { Installer } from "../../platform/src/install/Installer.ts"
import { Runtimes } from "../../platform/src/install/Runtimes.ts"
import { agentEdition, agentPackageVersion } from "./bundles.ts"

/** What a stand-in agent said last. */
export interface Heartbeat {
  readonly workerId: string
  readonly edition: string
  readonly version: string
  /** What a builder could do there (`builderProbe.ts`). */
  readonly probes: Readonly<Record<string, string>>
}

/** A platform that says what a test tells it to; `/install` is the real thing. */
export interface ScriptedPlatform {
  readonly url: string
  readonly token: string
  /** The installation's facts; a test may change them. */
  facts: InstallationFacts
  /** Why the token is of no use; null while it is. */
  refusal: RefusalReason | null
  /** Agents are not answered. */
  silent: boolean
  /** What `/install/…` gives instead of the real bytes, by path. */
  readonly instead: Map<string, Buffer>
  /** Workers that registered, by the token that they used. */
  readonly registered: Array<string>
  readonly heartbeats: Array<Heartbeat>
  readonly scripts: () => Promise<string>
  /** Wants every agent to be this one. */
  readonly want: (agent: Bundle) => void
  readonly stop: () => Promise<void>
}

const token = `${"t".repeat(42)}1`

const factsOf = (url: string, roles: ReadonlyArray<WorkerRole>): InstallationFacts => ({
  token,
  name: null,
  roles,
  labels: { disk: "ssd" },
  region: "lab",
  runtime: "deno",
  controlPlane: url,
  platformKey: "k".repeat(43),
  registryAddress: new URL(url).host,
  npmRegistry: "http://npm.test/",
  expiresAt: new Date(Date.now() + 3_600_000),
})

const jsonOf = async (request: IncomingMessage) => {
  let text = ""
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}

const layer = (agent: Bundle, launcher: Bundle) =>
  Installer.layerNoDeps.pipe(
    Layer.provide(Flake.layer),
    Layer.provide(
      Layer.mergeAll(
        Layer.succeed(AgentBundle, {
          agent: Effect.succeed({ ...agent, version: `${agentPackageVersion}+${agent.sha256.slice(0, 8)}` }),
          launcher: Effect.succeed(launcher),
        }),
        // The runtimes take seconds to compress: once on a machine.
        Runtimes.layer(join(tmpdir(), "skypanel-test-runtimes")),
      ),
    ),
  )

/** Listens at this address of ours. */
export const startPlatform = async (
  address: string,
  roles: ReadonlyArray<WorkerRole> = ["services", "ingress"],
): Promise<ScriptedPlatform> => {
  const [agent, launcher] = await Promise.all([agentEdition("first"), bundle(entries.launcher, false)])
  const runtime = ManagedRuntime.make(layer(agent, launcher))
  const app = new Koa()
  const server = createServer()
  let desired: { readonly version: string; readonly sha256: string } | null = null
  const agentPath = (sha256: string) => `/install/agent/${sha256}.mjs`

  app.use(async (ctx, next) => {
    const instead = platform.instead.get(ctx.path)
    if (instead !== undefined) ctx.body = instead
    else if (ctx.path === "/healthz") ctx.body = "ok"
    else await next()
  })
  app.use(async (ctx, next) => {
    if (!ctx.path.startsWith("/stand-in/")) return next()
    if (platform.silent) {
      ctx.status = 503
      ctx.body = "the test's platform is silent"
      return
    }
    const said = await jsonOf(ctx.req)
    if (ctx.path === "/stand-in/register") {
      if (said.token !== token) {
        ctx.status = 403
        ctx.body = "another token"
        return
      }
      platform.registered.push(said.token)
      ctx.body = { workerId: `wrk_${platform.registered.length}` }
      return
    }
    platform.heartbeats.push(said)
    ctx.body = { name: platform.facts.name ?? "server1", desired }
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const url = `http://${address}:${(server.address() as AddressInfo).port}`
  const find = (asked: string) =>
    Effect.sync(() => {
      if (asked !== token) return { refused: "unknown" as const }
      return platform.refusal === null ? platform.facts : { refused: platform.refusal }
    })
  app.use(await runtime.runPromise(installRoutes(find)))

  const platform: ScriptedPlatform = {
    url,
    token,
    facts: factsOf(url, roles),
    refusal: null,
    silent: false,
    instead: new Map(),
    registered: [],
    heartbeats: [],
    scripts: async () => (await fetch(`${url}/install/${token}`)).text(),
    want: (bundle) => {
      platform.instead.set(agentPath(bundle.sha256), bundle.code)
      desired = { version: `${agentPackageVersion}+${bundle.sha256.slice(0, 8)}`, sha256: bundle.sha256 }
    },
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await runtime.dispose()
    },
  }
  server.on("request", app.callback())
  return platform
}
