import type { DeploymentId, OrganizationId } from "@skypanel/contract/Id"
import type { Workload } from "./Orchestrator.ts"

export const labels = {
  organization: "skypanel.organization",
  service: "skypanel.service",
  deployment: "skypanel.deployment",
} as const

export const networkName = (organization: OrganizationId): string => `skypanel-${organization}`
export const swarmServiceName = (deployment: DeploymentId): string => `skypanel-${deployment}`

const nanoCpus = (cpu: number) => Math.round(cpu * 1e9)

/** An uid that owns nothing anywhere. */
const nobody = "65534:65534"

/**
 * The whole of what Docker is told about a workload. Every field is written here and none is passed through, so a
 * customer's input ends up only in values: environment, limits and the image's digest.
 */
export const serviceSpec = (workload: Workload) => {
  const own = {
    [labels.organization]: workload.organizationId,
    [labels.service]: workload.serviceId,
    [labels.deployment]: workload.deploymentId,
  }
  const limits = {
    NanoCPUs: nanoCpus(workload.resources.cpu),
    MemoryBytes: workload.resources.memoryBytes,
    Pids: 256,
  }
  return {
    Name: swarmServiceName(workload.deploymentId),
    Labels: own,
    TaskTemplate: {
      ContainerSpec: {
        Image: workload.image,
        Labels: own,
        Env: [
          ...Object.entries(workload.environment).map(([name, value]) => `${name}=${value}`),
          `PORT=${workload.port}`,
        ],
        User: nobody,
        ReadOnly: true,
        Init: true,
        StopGracePeriod: 10_000_000_000,
        CapabilityDrop: ["ALL"],
        Mounts: [
          {
            Type: "tmpfs" as const,
            Target: "/tmp",
            TmpfsOptions: { SizeBytes: workload.resources.storageBytes, Mode: 0o1777 },
          },
        ],
      },
      Resources: {
        Limits: limits,
        // Memory that is promised must be there. CPU time is shared: its limit bounds what one can take.
        Reservations: { MemoryBytes: limits.MemoryBytes },
      },
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
