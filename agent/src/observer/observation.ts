import { type ContainerObserved, type DesiredPlacement, listens } from "@skypanel/contract/AgentProtocol"
import type { DeploymentId, PlacementId } from "@skypanel/contract/Id"
import { boundLine, plainLine } from "../builder/LogText.ts"
import type { Container } from "./Container.ts"
import type { Probing } from "./Probing.ts"

/** A container that can take requests now. */
export interface Backend {
  readonly deploymentId: DeploymentId
  readonly placementId: PlacementId
  readonly address: string
  readonly port: number
  readonly startedAt: string
}

/** A container with what we know of it beyond the engine. */
export interface Watched {
  readonly container: Container
  readonly probing: Probing
  readonly lastLines: ReadonlyArray<string>
}

export const newestFirst = (a: Watched, b: Watched): number =>
  (b.container.startedAt ?? "").localeCompare(a.container.startedAt ?? "")

/** What others can see of it: one more failure with the same words is no news. */
export const shown = ({ container, probing: { healthy, words }, lastLines }: Watched) =>
  JSON.stringify([container, healthy, words, lastLines])

const lineBytesMost = 1_000
/** A report is one message of at most 1 MiB; more than this many containers with lines could pass that. */
const containersWithLinesMost = 15

const killed = 128 + 9

const words = ({ container, probing }: Watched): string => {
  if (container.outOfMemory) return "it used more memory than it may"
  // The engine can miss the kernel's notice: in a container's first moments, and when its cgroup is gone by then.
  if (container.state === "exited" && container.exitCode === killed)
    return `it was killed (code ${killed}): often because it used more memory than it may`
  if (container.state === "exited") return `it exited with code ${container.exitCode}`
  return container.state === "starting" ? "it is starting" : probing.words
}

const observed = (watched: Watched, withLines: boolean): ContainerObserved => {
  const { container, probing, lastLines } = watched
  const healthy = container.state === "running" && probing.healthy
  return {
    containerId: container.id,
    placementId: container.placementId,
    serviceId: container.serviceId,
    deploymentId: container.deploymentId,
    organizationId: container.organizationId,
    state: container.state,
    healthy,
    probe: words(watched),
    exitCode: container.exitCode,
    outOfMemory: container.outOfMemory,
    startedAt: container.startedAt,
    lastLines:
      healthy || !withLines ? [] : lastLines.map((line) => boundLine(plainLine(line), lineBytesMost)),
  }
}

/** What is reported of all containers; of those that do not serve, the newest ones with their last lines. */
export const observedOf = (entries: ReadonlyArray<Watched>): ReadonlyArray<ContainerObserved> => {
  const newest = entries.toSorted(newestFirst)
  let left = containersWithLinesMost
  return newest.map((entry) => {
    const one = observed(entry, left > 0)
    if (one.lastLines.length > 0) left -= 1
    return one
  })
}

/** To others, what no request can be led to yet is not healthy: they would send their requests here at once. */
export const served = (
  containers: ReadonlyArray<ContainerObserved>,
  isLedTo: (placement: PlacementId) => boolean,
): ReadonlyArray<ContainerObserved> =>
  containers.map((one) =>
    one.healthy && !isLedTo(one.placementId)
      ? { ...one, healthy: false, probe: `${one.probe}, but no request is led to it yet` }
      : one,
  )

/** The healthy ones that shall run here and listen on a port, newest first. */
export const backendsOf = (
  entries: ReadonlyArray<Watched>,
  placements: ReadonlyArray<DesiredPlacement>,
): ReadonlyArray<Backend> => {
  const ports = new Map(placements.filter(listens).map(({ placementId, port }) => [placementId, port]))
  return entries
    .filter(({ container, probing }) => container.state === "running" && probing.healthy)
    .toSorted(newestFirst)
    .flatMap(({ container: { address, deploymentId, placementId, startedAt } }): ReadonlyArray<Backend> => {
      const port = ports.get(placementId)
      return address === null || port === undefined || startedAt === null
        ? []
        : [{ deploymentId, placementId, address, port, startedAt }]
    })
}
