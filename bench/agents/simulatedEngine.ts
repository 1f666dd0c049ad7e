// `node simulatedEngine.ts SOCKET AGENTS`: answers as the Docker Engine of a cluster's manager would that has all of the
// fleet's services, in the words of its API. No Swarm on one machine holds that many; what the platform does with the
// answers is real. It has what it was started with: nothing is placed while this benchmark runs.
import { createServer } from "node:http"
import { serviceSpec } from "../../platform/src/orchestrator/serviceSpec.ts"
import { clusterId, instanceOf, nodeIdOf, servicesEach, startedAt, workloadOf } from "./simulatedFleet.ts"

const [socket = "", agentsText = "0"] = process.argv.slice(2)
const agents = Number(agentsText)
const day = 24 * 60 * 60 * 1e9

const times = { Version: { Index: 1_000 }, CreatedAt: startedAt, UpdatedAt: startedAt }
const swarm = {
  ID: clusterId,
  ...times,
  Spec: { Dispatcher: { HeartbeatPeriod: day }, Orchestration: { TaskHistoryRetentionLimit: 1 } },
  JoinTokens: { Worker: "simulated", Manager: "simulated" },
}

const node = (agent: number) => ({
  ID: nodeIdOf(agent),
  ...times,
  Spec: { Labels: {}, Role: "worker", Availability: "active" },
  Description: {
    Hostname: `simulated-${agent}`,
    Platform: { Architecture: "x86_64", OS: "linux" },
    Resources: { NanoCPUs: 8e9, MemoryBytes: 2 ** 34 },
    Engine: { EngineVersion: "27.5.1", Plugins: [{ Type: "Network", Name: "overlay" }] },
  },
  Status: { State: "ready", Addr: "127.0.0.1" },
})

const service = (agent: number, number: number) => ({
  ID: `service${String(agent * servicesEach + number).padStart(18, "0")}`,
  ...times,
  Spec: serviceSpec(workloadOf(agent, number)),
  Endpoint: { Spec: { Mode: "dnsrr" } },
})

const network = (agent: number) => ({
  Name: `skypanel-${instanceOf(agent, 0).organizationId}`,
  Id: `network${String(agent).padStart(18, "0")}`,
  Created: startedAt,
  Scope: "swarm",
  Driver: "overlay",
  IPAM: { Driver: "default", Options: null, Config: [{ Subnet: "10.64.0.0/24", Gateway: "10.64.0.1" }] },
  Labels: { "skypanel.organization": instanceOf(agent, 0).organizationId },
})

const each = <A>(make: (agent: number) => A) =>
  JSON.stringify(Array.from({ length: agents }, (_, at) => make(at)))
// They are what they are: the answers are written once, so that this program costs next to nothing.
const nodes = Buffer.from(each(node))
const networks = Buffer.from(each(network))
const services = new Map<string, string>()
for (let agent = 0; agent < agents; agent++)
  for (let number = 0; number < servicesEach; number++) {
    const one = service(agent, number)
    services.set(one.Spec.Name, JSON.stringify(one))
  }
const allServices = Buffer.from(`[${Array.from(services.values()).join(",")}]`)

const servicesNamed = (filters: string | null): Buffer => {
  const { name } = JSON.parse(filters ?? "{}") as { readonly name?: ReadonlyArray<string> }
  if (name === undefined) return allServices
  return Buffer.from(`[${name.flatMap((one) => services.get(one) ?? []).join(",")}]`)
}

const answer = (path: string, query: URLSearchParams): Buffer | null => {
  switch (path) {
    case "/info":
      return Buffer.from(JSON.stringify({ Swarm: { LocalNodeState: "active", ControlAvailable: true } }))
    case "/swarm":
      return Buffer.from(JSON.stringify(swarm))
    case "/swarm/update":
      return Buffer.from("")
    case "/nodes":
      return nodes
    case "/networks":
      return networks
    case "/services":
      return servicesNamed(query.get("filters"))
    default:
      return null
  }
}

const counts: Record<string, number> = {}
const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://engine")
  const path = url.pathname.replace(/^\/v[\d.]+/, "")
  const name = `${request.method} ${path.split("/").slice(0, 2).join("/")}`
  counts[name] = (counts[name] ?? 0) + 1
  request.resume()
  const body = answer(path, url.searchParams)
  if (body === null) return response.writeHead(404).end(JSON.stringify({ message: `no ${path} here` }))
  response.writeHead(200, { "content-type": "application/json" }).end(body)
})
server.listen(socket, () => process.send?.("listening"))
process.on("message", () => process.send?.(counts))
process.on("disconnect", () => process.exit(0))
