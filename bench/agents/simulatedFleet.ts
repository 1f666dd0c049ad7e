// What everybody in this benchmark knows of the simulated fleet without asking: ids are numbers, keys come of them.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto"
import type { ContainerObserved, Hello } from "@skypanel/contract/AgentProtocol"
import type { Workload } from "../../platform/src/orchestrator/Orchestrator.ts"

export const servicesEach = 20
export const clusterId = "simulated"
export const startedAt = "2026-01-01T00:00:00.000Z"

const id = (prefix: string, number: number) => `${prefix}_${String(number).padStart(24, "0")}` as never

export const workerIdOf = (agent: number) => id("wrk", agent)
export const keyIdOf = (agent: number) => id("key", agent)
export const workerNameOf = (agent: number) => `simulated-${agent}`
/** As long as a node's id in Swarm. */
export const nodeIdOf = (agent: number) => `node${String(agent).padStart(21, "0")}`

/** Ed25519 in PKCS #8 (RFC 8410): these bytes, and a seed. */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex")

export const privateKeyOf = (agent: number): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([pkcs8, createHash("sha256").update(`simulated agent ${agent}`).digest()]),
    format: "der",
    type: "pkcs8",
  })

export const publicKeyOf = (agent: number): string =>
  createPublicKey(privateKeyOf(agent)).export({ format: "jwk" }).x ?? ""

/** One instance, by its number in the fleet: agent and service. Each organization has as many as an agent. */
export const instanceOf = (agent: number, service: number) => {
  const number = agent * servicesEach + service
  return {
    placementId: id("plc", number),
    serviceId: id("svc", number),
    deploymentId: id("dep", number),
    organizationId: id("org", Math.floor(number / servicesEach)),
  }
}

export const containersOf = (agent: number): ReadonlyArray<ContainerObserved> =>
  Array.from({ length: servicesEach }, (_, service) => ({
    containerId: String(agent * servicesEach + service).padStart(64, "0"),
    ...instanceOf(agent, service),
    state: "running",
    healthy: true,
    probe: "GET /health answered 200",
    exitCode: null,
    outOfMemory: false,
    startedAt,
    lastLines: [],
  }))

export const helloOf = (agent: number, roles: Hello["roles"], endpointAddress: string): Hello => ({
  _tag: "hello",
  roles,
  versions: { agent: "1.0.0", runtime: "Node 24.0.0", docker: "27.5.1", nix: null, haproxy: "2.6.12" },
  origin: "nixos",
  capacity: { cpu: 8, memoryBytes: 2 ** 34, diskBytes: 2 ** 38 },
  limits: { cpu: null, memoryBytes: null },
  packageSet: null,
  orchestratorNodeId: nodeIdOf(agent),
  clusterId,
  endpointAddress,
  volumeFolder: "/var/lib/skypanel/volumes",
})

/** What the orchestrator was told of it, as the platform would have. */
export const workloadOf = (agent: number, service: number): Workload => ({
  ...instanceOf(agent, service),
  serviceName: `service-${service}`,
  nodeId: nodeIdOf(agent),
  image: `127.0.0.1:8080/org/svc@sha256:${"0".repeat(64)}`,
  registryCredential: { username: "", password: "" },
  environment: { GREETING: "hello", LOG_LEVEL: "info" },
  port: 3000,
  resources: { cpu: 1, memoryBytes: 64 * 2 ** 20, storageBytes: 64 * 2 ** 20 },
  volume: null,
  imageSettings: null,
})
