import { existsSync, readFileSync } from "node:fs"
import { networkInterfaces } from "node:os"
import ipaddr from "ipaddr.js"
import { readSystemFile } from "../systemFiles.ts"
import { defaultFloodLimits, type Match } from "./floodLimits.ts"
import type { FirewallFacts } from "./rules.ts"

/** The addresses behind `nameserver` of a resolv.conf(5). */
export const nameserversOf = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/^\s*nameserver\s+(\S+)/gm), (match) => match[1]!)

const isPublic = (address: string) => ipaddr.isValid(address) && ipaddr.parse(address).range() === "unicast"

/** Each costs every new connection a comparison. A fleet that is larger has its machines in a private network. */
export const fleetAddressesMost = 2_000

/** The public ones: in private networks containers reach nothing anyway. */
export const publicOnes = (addresses: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(addresses.filter(isPublic))].toSorted().slice(0, fleetAddressesMost)

const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "")

/** What the platform and the engine say. */
export interface Known {
  readonly controlPlane: URL
  readonly fleetAddresses: ReadonlyArray<string>
  readonly clusterAddresses: ReadonlyArray<string>
  readonly matches: ReadonlySet<Match>
}

/** The platform's, and the managers that this engine itself knows; none as long as the platform has none. */
export const clusterAddressesOf = (
  told: ReadonlyArray<string>,
  managers: ReadonlyArray<string>,
): ReadonlyArray<string> => (told.length === 0 ? [] : [...new Set([...told, ...managers])].toSorted())

/** What the rules depend on, as it is now: addresses of machines come and go. */
export const factsNow = ({
  controlPlane,
  fleetAddresses,
  clusterAddresses,
  matches,
}: Known): FirewallFacts => ({
  // Where systemd-resolved runs, the file that the engine itself reads then.
  nameservers: [
    ...nameserversOf(read("/etc/resolv.conf")),
    ...nameserversOf(read("/run/systemd/resolve/resolv.conf")),
  ],
  ownAddresses: publicOnes(
    Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address)),
  ),
  fleetAddresses: publicOnes([controlPlane.hostname, ...fleetAddresses]),
  clusterAddresses,
  overlayPort: 4789,
  limits: defaultFloodLimits,
  matches,
})

/** Not by /sys/class/net: that shows the network in which /sys was mounted, which need not be this process' own. */
export const hasBridge = (): boolean =>
  /^\s*(?:docker_gwbridge|docker0):/m.test(readSystemFile("/proc/self/net/dev"))
