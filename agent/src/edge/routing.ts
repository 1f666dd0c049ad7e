import { isIPv4 } from "node:net"
import type { Peer, Route } from "@skypanel/contract/AgentProtocol"
import type { DeploymentId, WorkerId } from "@skypanel/contract/Id"
import type { Backend } from "../observer/observation.ts"
import { type InstanceSet, instanceSetOf } from "./instanceSet.ts"
import type { Led } from "./ledInstances.ts"
import { type Address, addressOf, isPort } from "./peerAddress.ts"

export interface Routing {
  /** Host name → name of the set of instances that answer there, or why there is none. */
  readonly hosts: ReadonlyMap<string, string>
  readonly sets: ReadonlyMap<string, InstanceSet>
  /** Host names that cannot be one. */
  readonly refused: ReadonlyArray<string>
}

/** Labels of letters, digits and hyphens, 253 characters in all (RFC 1123, section 2.1). Nothing else gets to the proxy. */
const hostName =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/

export const byDeployment = (
  backends: ReadonlyArray<Backend>,
): ReadonlyMap<DeploymentId, ReadonlyArray<Backend>> =>
  Map.groupBy(
    backends.filter(({ address, port }) => isIPv4(address) && isPort(port)),
    ({ deploymentId }) => deploymentId,
  )

/** Where the proxies of peers are, and the addresses that are none. */
export const usablePeers = (peers: ReadonlyArray<Peer>) => {
  const usable = new Map<WorkerId, Address>()
  const unusable: Array<string> = []
  for (const { workerId, address } of peers) {
    const to = addressOf(address)
    if (to === null) unusable.push(address)
    else usable.set(workerId, to)
  }
  return { usable, unusable }
}

/**
 * Leads each host to every healthy instance of its deployment: `backends` are those of this worker, `peers` the workers
 * whose proxies can be asked for others. Two are last resorts, as a late answer is better than none: containers that
 * the host `led` to and that still run, though they are not healthy or are leaving; and peers that seem `unreachable`.
 */
export const routingOf = (
  routes: ReadonlyArray<Route>,
  backends: ReadonlyArray<Backend>,
  peers: ReadonlyMap<WorkerId, Address>,
  led: Led = new Map(),
  unreachable: ReadonlyArray<WorkerId> = [],
): Routing => {
  const containers = byDeployment(backends)
  const away = new Set(unreachable)
  const hosts = new Map<string, string>()
  const sets = new Map<string, InstanceSet>()
  const refused: Array<string> = []

  /** Of thousands of deployments, most are on the same few workers and have no container here. */
  const alike = new Map<string, InstanceSet>()

  const setOf = (host: string, deploymentId: DeploymentId, elsewhere: ReadonlyArray<WorkerId>): string => {
    const here = containers.get(deploymentId)
    const before = here === undefined ? led.get(host) : undefined
    const known = elsewhere.filter((worker) => peers.has(worker))
    const reached = known.filter((worker) => !away.has(worker))
    const workers = here === undefined && reached.length === 0 ? known : reached
    const key = `${here === undefined ? "" : deploymentId} ${before === undefined ? "" : host} ${workers.join()}`
    const set =
      alike.get(key) ??
      instanceSetOf(
        here ?? (workers.length === 0 ? (before ?? []) : []),
        workers.flatMap((worker) => peers.get(worker) ?? []),
        before,
      )
    alike.set(key, set)
    if (set.instances.length === 0) return "waiting"
    sets.set(set.name, set)
    return set.name
  }

  for (const { host: given, deploymentId, peers: workers } of routes) {
    const host = given.toLowerCase()
    if (!hostName.test(host)) refused.push(given)
    else hosts.set(host, deploymentId === null ? "stopped" : setOf(host, deploymentId, workers))
  }
  return { hosts, sets, refused }
}
