import type { DesiredPlacement } from "@skypanel/contract/AgentProtocol"
import type { DeploymentId, OrganizationId, PlacementId, ServiceId } from "@skypanel/contract/Id"
import type Docker from "dockerode"
import { labels } from "../../agent/src/observer/Container.ts"
import { probeImage } from "./probeImage.ts"

const id = (prefix: string, n: number) => `${prefix}_${String(n).padStart(24, "0")}`
export const organizationId = (n: number) => id("org", n) as OrganizationId
export const serviceId = (n: number) => id("svc", n) as ServiceId
const networkOf = (organization: number) => `skypanel-${organizationId(organization)}`

/** The port that every service here answers on. */
export const servicePort = 8080

export interface Placed {
  /** Names its ids: no two of a test have the same. */
  readonly n: number
  readonly organization: number
  /** Other services of its organization reach it by this name. */
  readonly name: string
  readonly nodeId: string
  /** What it does beside answering. */
  readonly also?: string
  /** A port of the worker that leads to it; the platform makes none. */
  readonly publishedPort?: number
  /** A folder of the worker that is mounted at `/data`. */
  readonly volume?: string
  /** How long it may take to end; 1 when not given. */
  readonly graceSeconds?: number
}

/** Answers every request with its name, and keeps what comes to its UDP port 9999 in /tmp/heard. */
const script = ({ name, also = "" }: Placed) => `
printf 'HTTP/1.1 200 OK\\r\\nconnection: close\\r\\ncontent-length: ${name.length + 1}\\r\\n\\r\\n${name}\\n' > /tmp/answer
: > /tmp/heard
socat -u UDP-RECV:9999,reuseaddr OPEN:/tmp/heard,append &
${also}
exec socat TCP-LISTEN:${servicePort},fork,reuseaddr SYSTEM:'cat /tmp/answer; timeout 1 cat > /dev/null'
`

/** What the platform tells Swarm of an instance: the same limits, user, root and network. */
const specification = (placed: Placed) => ({
  Name: `test-${placed.n}`,
  TaskTemplate: {
    ContainerSpec: {
      Image: probeImage,
      Command: ["/bin/sh", "-c", script(placed)],
      Labels: {
        [labels.organization]: organizationId(placed.organization),
        [labels.service]: serviceId(placed.n),
        [labels.deployment]: id("dep", placed.n),
        [labels.placement]: id("plc", placed.n),
      },
      User: "65534:65534",
      ReadOnly: true,
      Init: true,
      StopGracePeriod: (placed.graceSeconds ?? 1) * 1_000_000_000,
      CapabilityDrop: ["ALL"],
      Privileges: { NoNewPrivileges: true },
      Mounts: [
        { Type: "tmpfs", Target: "/tmp", TmpfsOptions: { SizeBytes: 16 * 2 ** 20, Mode: 0o1777 } },
        ...(placed.volume === undefined ? [] : [{ Type: "bind", Source: placed.volume, Target: "/data" }]),
      ],
    },
    Resources: { Limits: { NanoCPUs: 1e9, MemoryBytes: 256 * 2 ** 20, Pids: 256 } },
    RestartPolicy: { Condition: "any", Delay: 1_000_000_000 },
    Networks: [{ Target: networkOf(placed.organization), Aliases: [placed.name] }],
    Placement: { Constraints: [`node.id==${placed.nodeId}`] },
    LogDriver: { Name: "json-file", Options: { "max-size": "10m", "max-file": "3" } },
  },
  Mode: { Replicated: { Replicas: 1 } },
  EndpointSpec: {
    Mode: "dnsrr",
    ...(placed.publishedPort === undefined
      ? {}
      : {
          Ports: [
            {
              Protocol: "tcp",
              TargetPort: servicePort,
              PublishedPort: placed.publishedPort,
              PublishMode: "host",
            },
          ],
        }),
  },
})

/** The organization's own network, over all workers. */
export const addNetwork = (
  docker: Docker,
  organization: number,
  as?: { readonly number: number; readonly subnet: string },
) =>
  docker.createNetwork({
    Name: networkOf(organization),
    Driver: "overlay",
    ...(as === undefined
      ? {}
      : {
          Options: { "com.docker.network.driver.overlay.vxlanid_list": String(as.number) },
          IPAM: { Config: [{ Subnet: as.subnet }] },
        }),
  })

export const removeNetwork = (docker: Docker, organization: number) =>
  docker.getNetwork(networkOf(organization)).remove()

export const place = async (docker: Docker, placed: Placed) => {
  const service = await docker.createService(specification(placed) as unknown as Docker.CreateServiceOptions)
  return { remove: () => docker.getService(service.id).remove() }
}

/** What the agent of its worker is told. */
export const placementOf = ({ n, organization }: Placed): DesiredPlacement => ({
  placementId: id("plc", n) as PlacementId,
  deploymentId: id("dep", n) as DeploymentId,
  serviceId: serviceId(n),
  organizationId: organizationId(organization),
  port: servicePort,
  healthPath: "/",
  leaseSeconds: null,
})

export const hostOf = ({ name }: Pick<Placed, "name">) => `${name}.example.com`
