import type { Desired, Route } from "@skypanel/contract/AgentProtocol"
import type { Container } from "../observer/Container.ts"
import type { Backend } from "../observer/observation.ts"
import { byDeployment } from "./routing.ts"

/**
 * The containers that each host leads to, and those that it led to before and that run on. Proxies hear of a move one
 * after the other: one that has not heard of it yet sends its requests here, and there is nowhere else for it to try.
 */
export type Led = ReadonlyMap<string, ReadonlyArray<Backend>>

export interface Facts {
  readonly routes: ReadonlyArray<Route>
  readonly desired: Pick<Desired, "placements" | "ended">
  /** The healthy ones that shall serve. */
  readonly backends: ReadonlyArray<Backend>
  readonly containers: ReadonlyArray<Container>
}

/** One that was started again is another one: it has to be healthy first. */
const startOf = ({
  placementId,
  address,
  startedAt,
}: Pick<Container, "placementId" | "address" | "startedAt">) => `${placementId} ${address} ${startedAt}`

/** Which of those that a host led to run on, and which of these are as good as then: healthy, or leaving until they end. */
const remaining = ({ desired, backends, containers }: Facts) => {
  const healthy = new Set(backends.map(startOf))
  const running = new Set(containers.filter(({ state }) => state === "running").map(startOf))
  const kept = new Set(desired.placements.map(({ placementId }) => placementId))
  const ended = new Set(desired.ended)
  const runs = (led: Backend) => running.has(startOf(led)) && !ended.has(led.placementId)
  const isWell = (led: Backend) => healthy.has(startOf(led)) || !kept.has(led.placementId)
  return { runs, isWell }
}

export const ledNow = (before: Led, facts: Facts): Led => {
  const { runs, isWell } = remaining(facts)
  const serving = byDeployment(facts.backends)
  const led = new Map<string, ReadonlyArray<Backend>>()
  for (const { host: given, deploymentId } of facts.routes) {
    if (deploymentId === null) continue
    const host = given.toLowerCase()
    const now = serving.get(deploymentId) ?? []
    const known = new Set(now.map(({ placementId }) => placementId))
    const others = (before.get(host) ?? []).filter((one) => !known.has(one.placementId) && runs(one))
    const own = others.filter((one) => one.deploymentId === deploymentId)
    const well = others.filter(isWell)
    // While none of the deployment is healthy, those of it that were are better than none, and than another deployment's.
    const instead = [own.filter(isWell), own, well, others].find((some) => some.length > 0) ?? []
    const to = now.length > 0 ? [...now, ...well] : instead
    if (to.length > 0) led.set(host, to)
  }
  return led
}
