import { isIP } from "node:net"

/** Each costs the worker a place in its packet filter; a fleet that is larger has its machines in a private network. */
export const clusterAddressesMost = 2_000

export interface ClusterMachine {
  /** What its agent said last; null: an agent of before, which does not say. */
  readonly addresses: ReadonlyArray<string> | null
  readonly endpointAddress: string | null
}

const hostOf = (endpoint: string) => endpoint.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")

/**
 * The addresses from which machines of the cluster may reach each other's cluster ports. A machine that is missing would
 * be cut off from the others; so it is none at all as long as not every machine's are known.
 */
export const clusterAddresses = (
  swarmAddress: string,
  platform: ReadonlyArray<string>,
  machines: ReadonlyArray<ClusterMachine>,
): ReadonlyArray<string> => {
  if (isIP(swarmAddress) === 0 || machines.length > clusterAddressesMost) return []
  if (machines.some(({ addresses }) => addresses === null || addresses.length === 0)) return []
  const all = machines.flatMap(({ addresses, endpointAddress }) => [
    ...(addresses ?? []),
    ...(endpointAddress === null ? [] : [hostOf(endpointAddress)]),
  ])
  const known = [...new Set([...platform, swarmAddress, ...all])].filter((address) => isIP(address) !== 0)
  return known.length > clusterAddressesMost ? [] : known.toSorted()
}
