import { isIPv4 } from "node:net"
import type { Route } from "@skypanel/contract/AgentProtocol"
import type { Backend } from "../observer/observation.ts"

/**
 * Where a host name leads: a container's `address:port`, or why there is none. The proxy looks it up in its map with
 * every request.
 */
export type Target = `${string}:${number}` | "stopped" | "waiting"

export interface Routing {
  readonly targets: ReadonlyMap<string, Target>
  /** Host names that cannot be one. */
  readonly refused: ReadonlyArray<string>
}

/** Labels of letters, digits and hyphens, 253 characters in all (RFC 1123, section 2.1). Nothing else gets to the proxy. */
const hostName =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/

const isPort = (port: number) => Number.isInteger(port) && port > 0 && port < 65536

const targetOf = (route: Route, backends: ReadonlyArray<Backend>): Target => {
  if (route.deploymentId === null) return "stopped"
  const backend = backends.find(
    ({ deploymentId, address, port }) =>
      deploymentId === route.deploymentId && isIPv4(address) && isPort(port),
  )
  return backend === undefined ? "waiting" : `${backend.address}:${backend.port}`
}

/** Of several healthy containers of a deployment the newest gets the traffic: `backends` has them in that order. */
export const routingOf = (routes: ReadonlyArray<Route>, backends: ReadonlyArray<Backend>): Routing => {
  const targets = new Map<string, Target>()
  const refused: Array<string> = []
  for (const route of routes) {
    const host = route.host.toLowerCase()
    if (hostName.test(host)) targets.set(host, targetOf(route, backends))
    else refused.push(route.host)
  }
  return { targets, refused }
}

/** One `host target` per line, sorted: equal routings are equal texts. */
export const mapText = ({ targets }: Routing): string =>
  Array.from(targets, ([host, target]) => `${host} ${target}\n`)
    .toSorted()
    .join("")
