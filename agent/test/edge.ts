import { mkdtempSync, rmSync } from "node:fs"
import { type Agent, createServer, type IncomingMessage, type RequestListener, request } from "node:http"
import { type AddressInfo, createServer as createTcpServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { DeploymentId, OrganizationId, PlacementId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import type { AgentSettings } from "../src/config.ts"
import type { Container } from "../src/observer/Container.ts"
import type { Backend } from "../src/observer/observation.ts"

export const organizationId = (n: number) => `org_${String(n).padStart(24, "0")}` as OrganizationId
export const serviceId = (n: number) => `svc_${String(n).padStart(24, "0")}` as ServiceId
export const deploymentId = (n: number) => `dep_${String(n).padStart(24, "0")}` as DeploymentId

export const workerId = (n: number) => `wrk_${String(n).padStart(24, "0")}` as WorkerId

export const placementId = (n: number) => `plc_${String(n).padStart(24, "0")}` as PlacementId

/** What the engine says of a container that serves. */
export const containerFor = ({ deploymentId, placementId, address, startedAt }: Backend): Container => ({
  id: `container-${placementId}`,
  organizationId: organizationId(0),
  serviceId: serviceId(0),
  deploymentId,
  placementId,
  state: "running",
  exitCode: null,
  outOfMemory: false,
  startedAt,
  address,
})

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
  readonly method?: string
  readonly path?: string
  readonly body?: string | Buffer
  /** The body follows its headers so much later. */
  readonly bodyAfterMs?: number
  /** Without one, each request has a connection of its own. */
  readonly agent?: Agent
  readonly headers?: Record<string, string>
}

/** Asks a port of this machine for a host. */
export const askPort = (
  port: number,
  host: string,
  { method, path, agent, headers, body, bodyAfterMs }: Asking = {},
) =>
  new Promise<Answer>((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      method: method ?? "GET",
      path: path ?? "/",
      agent: agent ?? false,
    }
    const asking = request({ ...options, headers: { host, ...headers } }, (response) => {
      let text = ""
      response.on("data", (chunk) => {
        text += chunk
      })
      response.on("error", reject)
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    asking.on("error", reject)
    if (body === undefined || bodyAfterMs === undefined) return asking.end(body)
    asking.setHeader("content-length", body.length)
    asking.flushHeaders()
    setTimeout(() => asking.end(body), bodyAfterMs)
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
