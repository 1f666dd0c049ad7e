import type { Desired, DesiredPlacement } from "@skypanel/contract/AgentProtocol"
import type { OrganizationId } from "@skypanel/contract/Id"
import type Docker from "dockerode"
import { Effect, Layer, ManagedRuntime } from "effect"
import { makeChanges } from "../src/Changes.ts"
import { AgentConfig } from "../src/config.ts"
import { DesiredState, nothing } from "../src/desired/DesiredState.ts"
import { ContainerEngine } from "../src/engine/ContainerEngine.ts"
import { RuntimeLogs } from "../src/logs/RuntimeLogs.ts"
import { labels } from "../src/observer/Container.ts"
import { Observer } from "../src/observer/Observer.ts"
import { deploymentId, placementId, serviceId, settings } from "./edge.ts"

export const organizationId = `org_${"0".repeat(24)}` as OrganizationId
const network = "agent-test"
const busybox = "/usr/bin/busybox"

export const prepareNetwork = (docker: Docker) => docker.createNetwork({ Name: network, Driver: "overlay" })

/** Places a container as the platform does: a Swarm service of one task that is not started again. */
export const place = async (
  docker: Docker,
  image: string,
  n: number,
  script: string,
  more: { readonly labels?: Record<string, string>; readonly memoryBytes?: number } = {},
) => {
  const service = await docker.createService({
    Name: `agent-test-${n}`,
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: [busybox, "sh", "-c", script],
        Labels: {
          [labels.organization]: organizationId,
          [labels.service]: serviceId(n),
          [labels.deployment]: deploymentId(n),
          [labels.placement]: placementId(n),
          ...more.labels,
        },
        StopGracePeriod: 1e9,
      },
      Resources: { Limits: { MemoryBytes: more.memoryBytes ?? 64 * 2 ** 20 } },
      RestartPolicy: { Condition: "none" },
      Networks: [{ Target: network }],
    },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: "dnsrr" },
  } as Docker.CreateServiceOptions)
  return { remove: () => docker.getService(service.id).remove() }
}

export const watch = (n: number, port: number, healthPath: string | null): DesiredPlacement => ({
  placementId: placementId(n),
  deploymentId: deploymentId(n),
  serviceId: serviceId(n),
  organizationId,
  port,
  healthPath,
  leaseSeconds: null,
})

/** A real observer, and log reading, over a real engine; what is desired is the test's to say. */
export const startObserver = async (dockerSocket: string) => {
  const changes = await Effect.runPromise(makeChanges)
  let desired: Desired = { ...nothing, generation: 1 }
  const runtime = ManagedRuntime.make(
    RuntimeLogs.layer.pipe(
      Layer.provideMerge(Observer.layer),
      Layer.provideMerge(ContainerEngine.layer),
      Layer.provide(
        Layer.mergeAll(
          Layer.succeed(AgentConfig, settings({ dockerSocket })),
          Layer.succeed(DesiredState, {
            current: () => desired,
            isFresh: () => true,
            accept: () => Effect.void,
            changes: changes.stream,
          }),
        ),
      ),
    ),
  )
  return {
    runtime,
    observer: await runtime.runPromise(Observer),
    engine: await runtime.runPromise(ContainerEngine),
    logs: await runtime.runPromise(RuntimeLogs),
    desire: (change: Partial<Desired>) => {
      desired = { ...desired, ...change }
      changes.tellUnsafe()
    },
    stop: () => runtime.dispose(),
  }
}

/** Looks until it gives a value. */
export const until = async <A>(
  what: string,
  look: () => A | undefined | Promise<A | undefined>,
  seconds = 20,
): Promise<A> => {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
