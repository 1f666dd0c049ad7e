import type { DeploymentId, OrganizationId, ServiceId } from "@skypanel/contract/Id"
import Docker from "dockerode"
import { Effect, Layer } from "effect"
import { PlatformConfig } from "../config.ts"
import { Orchestrator, OrchestratorError, type Placed, type Placement } from "./Orchestrator.ts"
import { labels, networkName, serviceSpec, swarmServiceName } from "./serviceSpec.ts"

interface DockerError {
  readonly statusCode?: number
  readonly message?: string
}

const call = <A>(operation: string, run: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      new OrchestratorError({ operation, reason: (error as DockerError).message ?? String(error) }),
  }).pipe(
    Effect.timeoutOrElse({
      duration: "30 seconds",
      orElse: () =>
        Effect.fail(new OrchestratorError({ operation, reason: "Docker did not answer in 30 s" })),
    }),
  )

/** Runs it, and takes the answers with these statuses as done: the thing is there, or gone, already. */
const tolerating =
  (...statuses: ReadonlyArray<number>) =>
  (run: () => Promise<unknown>) =>
  (): Promise<void> =>
    run().then(
      () => undefined,
      (error: DockerError) => {
        if (!statuses.includes(error.statusCode ?? 0)) throw error
      },
    )

/** What we read of a task; dockerode's types leave it open. */
interface Task {
  readonly CreatedAt: string
  readonly Status?: { readonly State?: string; readonly Err?: string; readonly Message?: string }
}

const placementOf = (tasks: ReadonlyArray<Task>): Placement => {
  const newest = tasks.toSorted((a, b) => a.CreatedAt.localeCompare(b.CreatedAt)).at(-1)
  if (newest === undefined) return { state: "waiting", reason: "" }
  const reason = newest.Status?.Err ?? newest.Status?.Message ?? ""
  switch (newest.Status?.State) {
    case "running":
      return { state: "started", reason }
    case "complete":
    case "failed":
    case "shutdown":
    case "rejected":
    case "orphaned":
    case "remove":
      return { state: "ended", reason }
    default:
      return { state: "waiting", reason }
  }
}

const make = Effect.gen(function* () {
  const config = yield* PlatformConfig
  const docker = new Docker({ socketPath: config.dockerSocket })
  const ours = { label: [labels.deployment] }

  const ensureNetwork = (organization: OrganizationId) =>
    call("create network", async () => {
      const found = await docker.listNetworks({ filters: { name: [networkName(organization)] } })
      if (found.some((network) => network.Name === networkName(organization))) return
      await tolerating(409)(() =>
        docker.createNetwork({
          Name: networkName(organization),
          Driver: "overlay",
          Labels: { [labels.organization]: organization },
        }),
      )()
    })

  const placement = (deployment: DeploymentId) =>
    call("inspect service", async (): Promise<Placement> => {
      const filters = { name: [swarmServiceName(deployment)] }
      const [services, tasks] = await Promise.all([
        docker.listServices({ filters }),
        docker.listTasks({ filters: { service: [swarmServiceName(deployment)] } }).catch(() => []),
      ])
      return services.length === 0
        ? { state: "absent", reason: "" }
        : placementOf(tasks as unknown as ReadonlyArray<Task>)
    })

  return Orchestrator.of({
    run: (workload) =>
      ensureNetwork(workload.organizationId).pipe(
        Effect.andThen(
          call(
            "create service",
            tolerating(409)(() =>
              docker.createService(
                {
                  username: workload.registryCredential.username,
                  password: workload.registryCredential.password,
                  serveraddress: workload.image.split("/")[0]!,
                },
                serviceSpec(workload) as unknown as Docker.CreateServiceOptions,
              ),
            ),
          ),
        ),
      ),
    placement,
    remove: (deployment) =>
      call(
        "remove service",
        tolerating(404)(() => docker.getService(swarmServiceName(deployment)).remove()),
      ),
    list: call("list services", async () => {
      const services = await docker.listServices({ filters: ours })
      return services.map((service): Placed => {
        const own = service.Spec?.Labels ?? {}
        return {
          deploymentId: own[labels.deployment] as DeploymentId,
          serviceId: own[labels.service] as ServiceId,
          organizationId: own[labels.organization] as OrganizationId,
        }
      })
    }),
    keepNetworks: (organizations) =>
      call("remove networks", async () => {
        const networks = await docker.listNetworks({ filters: { label: [labels.organization] } })
        for (const network of networks) {
          const owner = network.Labels?.[labels.organization]
          if (owner === undefined || organizations.has(owner as OrganizationId)) continue
          // 403: a task of it is still ending; the next time will do.
          await tolerating(403, 404, 409)(() => docker.getNetwork(network.Id).remove())()
        }
      }),
  })
})

export const layerSwarm = Layer.effect(Orchestrator, make)
