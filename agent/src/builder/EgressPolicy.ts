import ipaddr from "ipaddr.js"
import type { BuildCache } from "./BuildCache.ts"

/** Who may be reached from a build. */
export interface EgressPolicy {
  /** Loopback and private addresses too: for fetching from development's own Git servers. */
  readonly allowPrivate: boolean
  /** Ports that may be reached. */
  readonly ports: ReadonlySet<number>
  /** A host of which every port may be reached, as the others are: by a public address. */
  readonly allPortsOf?: string
  /** `host:port` that may be reached wherever it resolves to, such as the configured npm registry. */
  readonly exceptions: ReadonlySet<string>
  /** How many bytes may come in while this policy holds. */
  readonly receivedMax: number
  /** What answers for the platform's binary cache; null: nothing does. */
  readonly cache: BuildCache | null
}

export interface Destination {
  readonly host: string
  readonly port: number
}

/** Reads `host:port` or `[v6]:port`; null when it is none. */
export const parseDestination = (text: string): Destination | null => {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text)
  if (!match) return null
  const port = Number(match[3])
  return port > 0 && port < 65536 ? { host: (match[1] ?? match[2]!).toLowerCase(), port } : null
}

/** Nothing may be reached. */
export const closedPolicy: EgressPolicy = {
  allowPrivate: false,
  ports: new Set(),
  exceptions: new Set(),
  receivedMax: 0,
  cache: null,
}

/** The `host:port` of a URL's origin. */
export const destinationOf = (url: string): string => {
  const { hostname, port, protocol } = new URL(url)
  return `${hostname.replace(/^\[|\]$/g, "")}:${port || (protocol === "https:" ? 443 : 80)}`
}

/** True when the address is one of the public Internet's. */
export const isPublicAddress = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false
  // `process` turns IPv4-mapped IPv6 into the IPv4 address that it reaches.
  return ipaddr.process(address).range() === "unicast"
}

/** Whether the port may be asked for at all, before its name is looked up: null, or why not. */
export const refusesDestination = (policy: EgressPolicy, { host, port }: Destination): string | null => {
  if (policy.exceptions.has(`${host}:${port}`) || policy.ports.has(port) || host === policy.allPortsOf)
    return null
  return `port ${port} is not open to builds`
}

/** Whether an address that the name resolved to may be connected to: null, or why not. */
export const refusesAddress = (
  policy: EgressPolicy,
  { host, port }: Destination,
  address: string,
): string | null => {
  if (policy.exceptions.has(`${host}:${port}`) || policy.allowPrivate || isPublicAddress(address)) return null
  return "builds reach public addresses only"
}
