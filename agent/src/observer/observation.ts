import type { ContainerObserved } from "@skypanel/contract/AgentProtocol"
import { boundLine, plainLine } from "../builder/LogText.ts"
import type { Watched } from "./Observer.ts"

const lineBytesMost = 1_000
/** A report is one message of at most 1 MiB; more than this many containers with lines could pass that. */
const containersWithLinesMost = 15

const words = ({ container, probing }: Watched): string => {
  if (container.outOfMemory) return "it used more memory than it may"
  if (container.state === "exited") return `it exited with code ${container.exitCode}`
  return container.state === "starting" ? "it is starting" : probing.words
}

const observed = (watched: Watched, withLines: boolean): ContainerObserved => {
  const { container, probing, lastLines } = watched
  const healthy = container.state === "running" && probing.healthy
  return {
    containerId: container.id,
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
  const newest = entries.toSorted((a, b) =>
    (b.container.startedAt ?? "").localeCompare(a.container.startedAt ?? ""),
  )
  let left = containersWithLinesMost
  return newest.map((entry) => {
    const one = observed(entry, left > 0)
    if (one.lastLines.length > 0) left -= 1
    return one
  })
}
