import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { newDeploymentId, newOrganizationId, newPlacementId, newServiceId } from "../domain/id.ts"
import type { Workload } from "./Orchestrator.ts"
import { serviceSpec } from "./serviceSpec.ts"

const workload = (more: Partial<Workload>): Workload => ({
  organizationId: newOrganizationId(),
  serviceId: newServiceId(),
  serviceName: "web",
  deploymentId: newDeploymentId(),
  placementId: newPlacementId(),
  nodeId: "node-1",
  image: `127.0.0.1:8080/org/svc@sha256:${"0".repeat(64)}`,
  registryCredential: { username: "u", password: "p" },
  environment: {},
  port: 8080,
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  volume: null,
  imageSettings: null,
  ...more,
})

describe("serviceSpec", () => {
  it("cannot express a mount, a capability, a device or the host, whatever the customer sends", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), (environment, serviceName) => {
        const spec = serviceSpec(workload({ environment, serviceName }))
        const container = spec.TaskTemplate.ContainerSpec
        expect(container.Mounts.map((mount) => [mount.Type, mount.Target])).toEqual([["tmpfs", "/tmp"]])
        expect(container.CapabilityDrop).toEqual(["ALL"])
        expect(Object.keys(container).toSorted()).toEqual([
          "CapabilityDrop",
          "Env",
          "HealthCheck",
          "Image",
          "Init",
          "Labels",
          "Mounts",
          "Privileges",
          "ReadOnly",
          "StopGracePeriod",
          "User",
        ])
        expect(container.ReadOnly).toBe(true)
        expect(container.Privileges).toEqual({ NoNewPrivileges: true })
        expect(container.User).toBe("65534:65534")
        expect(spec.TaskTemplate.Networks.map((network) => network.Target)).toEqual([
          `skypanel-${spec.Labels["skypanel.organization"]}`,
        ])
        expect(spec.TaskTemplate.Resources.Limits.Pids).toBe(256)
      }),
    )
  })

  it("runs on the chosen node and on no other", () =>
    expect(serviceSpec(workload({})).TaskTemplate.Placement.Constraints).toEqual(["node.id==node-1"]))

  it("mounts the service's own volume, where it has one", () => {
    const volume = { source: "/var/lib/skypanel/volumes/svc_1", path: "/data" }
    const { Mounts } = serviceSpec(workload({ volume })).TaskTemplate.ContainerSpec
    expect(Mounts[1]).toEqual({
      Type: "bind",
      Source: volume.source,
      Target: "/data",
      BindOptions: { Propagation: "private" },
    })
  })

  it("runs an image as its own user, and gives it what it writes to in memory", () => {
    const volume = { source: "/var/lib/skypanel/volumes/svc_1", path: "/data" }
    const imageSettings = { user: "1000:1000", writable: ["/cache", "/data"] }
    const { User, Mounts } = serviceSpec(workload({ volume, imageSettings })).TaskTemplate.ContainerSpec
    expect(User).toBe("1000:1000")
    expect(Mounts.map((mount) => [mount.Type, mount.Target])).toEqual([
      ["tmpfs", "/tmp"],
      ["tmpfs", "/cache"],
      ["bind", "/data"],
    ])
  })

  it("gives PORT, and the customer's variables cannot replace it", () => {
    const spec = serviceSpec(workload({ environment: { A: "1" }, port: 3000 }))
    expect(spec.TaskTemplate.ContainerSpec.Env).toEqual(["A=1", "PORT=3000"])
    expect(serviceSpec(workload({ port: null })).TaskTemplate.ContainerSpec.Env).toEqual([])
  })

  it("limits CPU, memory and the log", () => {
    const { Resources, LogDriver } = serviceSpec(workload({})).TaskTemplate
    expect(Resources.Limits).toEqual({ NanoCPUs: 250_000_000, MemoryBytes: 2 ** 28, Pids: 256 })
    expect(LogDriver.Options).toEqual({ "max-size": "10m", "max-file": "3" })
  })
})
