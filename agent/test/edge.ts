import { mkdtempSync, rmSync } from "node:fs"
import { type Agent, createServer, type IncomingMessage, type RequestListener, request } from "node:http"
import { type AddressInfo, createServer as createTcpServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Desired } from "@skypanel/contract/AgentProtocol"
import type { DeploymentId, PlacementId, ServiceId } from "@skypanel/contract/Id"
import { Effect, Layer, ManagedRuntime } from "effect"
import { makeChanges } from "../src/Changes.ts"
import { AgentConfig, type AgentSettings } from "../src/config.ts"
import { DesiredState, nothing } from "../src/desired/DesiredState.ts"
import { Edge } from "../src/edge/Edge.ts"
import { Observer } from "../src/observer/Observer.ts"
import type { Backend } from "../src/observer/observation.ts"

export const serviceId = (n: number) => `svc_${String(n).padStart(24, "0")}` as ServiceId
export const deploymentId = (n: number) => `dep_${String(n).padStart(24, "0")}` as DeploymentId

export const placementId = (n: number) => `plc_${String(n).padStart(24, "0")}` as PlacementId

export const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createTcpServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** A little application on a port of its own. */
export const application = async (listener: RequestListener) => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  readonly text: string
}

export interface Asking {
  readonly path?: string
  /** Without one, each request has a connection of its own. */
  readonly agent?: Agent
  readonly headers?: Record<string, string>
}

/** Asks a port of this machine for a host. */
export const askPort = (port: number, host: string, { path, agent, headers }: Asking = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: path ?? "/", agent: agent ?? false }
    const asking = request({ ...options, headers: { host, ...headers } }, (response) => {
      let text = ""
      response.on("data", (chunk) => {
        text += chunk
      })
      response.on("error", reject)
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    asking.on("error", reject)
    asking.end()
  })

/** The text when the status is 200, else the status. */
export const askHost = async (port: number, host: string, path: string) => {
  const { status, text } = await askPort(port, host, { path })
  return status === 200 ? text.trim() : String(status)
}

export const temporaryFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-agent-"))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export const settings = (more: Partial<AgentSettings>): AgentSettings => ({
  controlPlane: new URL("http://127.0.0.1:1"),
  tokenFile: null,
  platformKey: null,
  name: "test",
  roles: ["services"],
  dataFolder: "/nonexistent",
  dockerSocket: "/nonexistent/docker.sock",
  endpointBind: "127.0.0.1",
  endpointPort: 1,
  endpointAddress: "127.0.0.1:1",
  limits: { cpu: null, memoryBytes: null },
  firewall: "off",
  origin: "development",
  development: true,
  ...more,
})

/** A real edge over a real HAProxy; what is desired and healthy is the test's to say. */
export const startEdge = async (dataFolder: string, endpointPort: number, development = true) => {
  const changes = await Effect.runPromise(makeChanges)
  let desired: Desired = nothing
  let backends: ReadonlyArray<Backend> = []
  const runtime = ManagedRuntime.make(
    Edge.layer.pipe(
      Layer.provide(
        Layer.mergeAll(
          Layer.succeed(AgentConfig, settings({ dataFolder, endpointPort, development })),
          Layer.succeed(DesiredState, {
            current: () => desired,
            isFresh: () => true,
            accept: () => Effect.void,
            changes: changes.stream,
          }),
          Layer.succeed(Observer, {
            containers: () => [],
            all: () => [],
            backends: () => backends,
            changes: changes.stream,
          }),
        ),
      ),
    ),
  )
  const edge = await runtime.runPromise(Edge)
  const applied = async (generation: number) => {
    const deadline = performance.now() + 10_000
    while (edge.observed().generation < generation) {
      if (performance.now() > deadline) throw new Error(`not carried out: ${JSON.stringify(edge.observed())}`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  return {
    observed: () => edge.observed(),
    stop: () => runtime.dispose(),
    /** Leads each host to a port of this machine (or says that it waits, or is stopped) and waits until it does. */
    route: async (hosts: Readonly<Record<string, number | "stopped" | "waiting">>) => {
      const entries = Object.entries(hosts)
      desired = {
        ...desired,
        generation: desired.generation + 1,
        routes: entries.map(([host, to], n) => ({
          host,
          serviceId: serviceId(n),
          deploymentId: to === "stopped" ? null : deploymentId(n),
          peers: [],
        })),
      }
      backends = entries.flatMap(([, to], n) =>
        typeof to === "number"
          ? [
              {
                deploymentId: deploymentId(n),
                placementId: placementId(n),
                address: "127.0.0.1",
                port: to,
                startedAt: "2026-01-01",
              },
            ]
          : [],
      )
      changes.tellUnsafe()
      await applied(desired.generation)
    },
  }
}
