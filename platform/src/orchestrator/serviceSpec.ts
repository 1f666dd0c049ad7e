import type { OrganizationId, PlacementId } from "@skypanel/contract/Id"
import { nobody } from "@skypanel/contract/image/ImageSettings"
import type { Workload } from "./Orchestrator.ts"

export const labels = {
  organization: "skypanel.organization",
  service: "skypanel.service",
  deployment: "skypanel.deployment",
  placement: "skypanel.placement",
} as const

export const networkName = (organization: OrganizationId): string => `skypanel-${organization}`
export const swarmServiceName = (placement: PlacementId): string => `skypanel-${placement}`

/** The platform has chosen; no other node will do, whatever happens to this one. */
const onNode = "node.id=="
export const nodeOf = (constraints: ReadonlyArray<string>): string =>
  constraints.find((each) => each.startsWith(onNode))?.slice(onNode.length) ?? ""

const nanoCpus = (cpu: number) => Math.round(cpu * 1e9)

/** Our agent makes the folder, of a fixed size, before the container starts. */
const volumeMounts = ({ volume }: Workload) =>
  volume === null
    ? []
    : [
        {
          Type: "bind" as const,
          Source: volume.source,
          Target: volume.path,
          BindOptions: { Propagation: "private" as const },
        },
      ]

/** In memory and bounded, each of them, and emptied with the container. */
const memoryMounts = ({ imageSettings, resources, volume }: Workload) =>
  ["/tmp", ...(imageSettings?.writable ?? [])]
    .filter((folder) => folder !== volume?.path)
    .map((folder) => ({
      Type: "tmpfs" as const,
      Target: folder,
      TmpfsOptions: { SizeBytes: resources.storageBytes, Mode: 0o1777 },
    }))

/**
 * The whole of what Docker is told about a workload. Every field is written here and none is passed through, so a
 * customer's input ends up only in values: environment, limits and the image's digest.
 */
export const serviceSpec = (workload: Workload) => {
  const own = {
    [labels.organization]: workload.organizationId,
    [labels.service]: workload.serviceId,
    [labels.deployment]: workload.deploymentId,
    [labels.placement]: workload.placementId,
  }
  const limits = {
    NanoCPUs: nanoCpus(workload.resources.cpu),
    MemoryBytes: workload.resources.memoryBytes,
    Pids: 256,
  }
  return {
    Name: swarmServiceName(workload.placementId),
    Labels: own,
    TaskTemplate: {
      ContainerSpec: {
        Image: workload.image,
        Labels: own,
        Env: [
          ...Object.entries(workload.environment).map(([name, value]) => `${name}=${value}`),
          ...(workload.port === null ? [] : [`PORT=${workload.port}`]),
        ],
        User: workload.imageSettings?.user ?? `${nobody.uid}:${nobody.gid}`,
        ReadOnly: true,
        // An image's own would have Docker restart what our probes find healthy.
        HealthCheck: { Test: ["NONE"] },
        Init: true,
        StopGracePeriod: 10_000_000_000,
        CapabilityDrop: ["ALL"],
        // A setuid program of an image stays who started it. Engines before 25 pass over this; their own setting does it.
        Privileges: { NoNewPrivileges: true },
        // Docker would make a volume on the worker's disk, without a limit, of each that an image declares.
        Mounts: [...memoryMounts(workload), ...volumeMounts(workload)],
      },
      Resources: {
        // What is promised of a worker is accounted for where it is chosen; CPU time is shared.
        Limits: limits,
      },
      Placement: { Constraints: [`${onNode}${workload.nodeId}`] },
      // Docker's own restarts keep a live service up; a deployment looks at the first exit itself.
      RestartPolicy: { Condition: "any" as const, Delay: 1_000_000_000 },
      Networks: [{ Target: networkName(workload.organizationId), Aliases: [workload.serviceName] }],
      LogDriver: { Name: "json-file", Options: { "max-size": "10m", "max-file": "3" } },
    },
    Mode: { Replicated: { Replicas: 1 } },
    // No virtual address: kernels without IPVS exist, and the proxy goes to the task's own address anyway.
    EndpointSpec: { Mode: "dnsrr" as const },
  }
}
