import type { Readable } from "node:stream"
import type { DeploymentId, OrganizationId, PlacementId, ServiceId } from "@skypanel/contract/Id"
import Docker from "dockerode"
import { Effect, Layer } from "effect"
import { PlatformConfig } from "../config.ts"
import { call, tolerating } from "./call.ts"
import { jsonElements } from "./jsonElements.ts"
import { Orchestrator, type Placed, type Progress } from "./Orchestrator.ts"
import { labels, networkName, nodeOf, serviceSpec, swarmServiceName } from "./serviceSpec.ts"

/** What we read of a task; dockerode's types leave it open. */
interface Task {
  readonly CreatedAt: string
  readonly Status?: { readonly State?: string; readonly Err?: string; readonly Message?: string }
}

const progressOf = (tasks: ReadonlyArray<Task>): Progress => {
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

/** dockerode's types know none of it. */
const constraintsOf = (service: Docker.Service): ReadonlyArray<string> =>
  (service.Spec?.TaskTemplate as { readonly Placement?: { readonly Constraints?: ReadonlyArray<string> } })
    ?.Placement?.Constraints ?? []

const placedOf = (service: Docker.Service): Placed => {
  const own = service.Spec?.Labels ?? {}
  return {
    placementId: own[labels.placement] as PlacementId,
    deploymentId: own[labels.deployment] as DeploymentId,
    serviceId: own[labels.service] as ServiceId,
    organizationId: own[labels.organization] as OrganizationId,
    nodeId: nodeOf(constraintsOf(service)),
  }
}

/** They are part of the address that is asked, which has a length that Docker takes. */
const namesMost = 100

const slicesOf = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))

const make = Effect.gen(function* () {
  const config = yield* PlatformConfig
  const docker = new Docker({ socketPath: config.dockerSocket })
  const ours = { label: [labels.placement] }

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

  const progress = (placement: PlacementId) =>
    call("inspect service", async (): Promise<Progress> => {
      const filters = { name: [swarmServiceName(placement)] }
      const [services, tasks] = await Promise.all([
        docker.listServices({ filters }),
        docker.listTasks({ filters: { service: [swarmServiceName(placement)] } }).catch(() => []),
      ])
      return services.length === 0
        ? { state: "absent", reason: "" }
        : progressOf(tasks as unknown as ReadonlyArray<Task>)
    })

  /** As it comes: it may be long. */
  const openList = (options: Docker.ServiceListOptions) =>
    new Promise<Readable>((resolve, reject) =>
      docker.modem.dial(
        {
          path: "/services?",
          method: "GET",
          options,
          isStream: true,
          statusCodes: { 200: true, 500: "server error", 503: "no manager" },
        },
        (error, response) => (error ? reject(error) : resolve(response as Readable)),
      ),
    )

  const findSome = (placements: ReadonlyArray<PlacementId>) =>
    call("find services", async () =>
      (await docker.listServices({ filters: { ...ours, name: placements.map(swarmServiceName) } })).map(
        placedOf,
      ),
    )

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
    progress,
    remove: (placement) =>
      call(
        "remove service",
        tolerating(404)(() => docker.getService(swarmServiceName(placement)).remove()),
      ),
    list: call("list services", async () => {
      const placed: Array<Placed> = []
      for await (const service of jsonElements(await openList({ filters: ours })))
        placed.push(placedOf(service as Docker.Service))
      return placed
    }),
    find: (placements) =>
      Effect.map(Effect.forEach(slicesOf(placements, namesMost), findSome), (found) => found.flat()),
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
