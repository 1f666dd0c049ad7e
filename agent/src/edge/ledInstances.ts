import type { Desired, Route } from "@skypanel/contract/AgentProtocol"
import type { PlacementId } from "@skypanel/contract/Id"
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

const placeOf = (placement: PlacementId, address: string | null) => `${placement} ${address}`

/** One that shall serve counts while it is healthy; one that is leaving, until it ends. */
const remaining = ({ desired, backends, containers }: Facts): ((led: Backend) => boolean) => {
  const healthy = new Set(backends.map(({ placementId, address }) => placeOf(placementId, address)))
  const running = new Set(
    containers
      .filter(({ state }) => state === "running")
      .map(({ placementId, address }) => placeOf(placementId, address)),
  )
  const kept = new Set(desired.placements.map(({ placementId }) => placementId))
  const ended = new Set(desired.ended)
  return ({ placementId, address }) => {
    const place = placeOf(placementId, address)
    return healthy.has(place) || (running.has(place) && !kept.has(placementId) && !ended.has(placementId))
  }
}

export const ledNow = (before: Led, facts: Facts): Led => {
  const remains = remaining(facts)
  const serving = byDeployment(facts.backends)
  const led = new Map<string, ReadonlyArray<Backend>>()
  for (const { host: given, deploymentId } of facts.routes) {
    if (deploymentId === null) continue
    const host = given.toLowerCase()
    const now = serving.get(deploymentId) ?? []
    const known = new Set(now.map(({ placementId }) => placementId))
    const others = (before.get(host) ?? []).filter((one) => !known.has(one.placementId) && remains(one))
    if (now.length + others.length > 0) led.set(host, [...now, ...others])
  }
  return led
}
