import { isIPv4 } from "node:net"
import { clusterPorts } from "./clusterPorts.ts"
import { type FloodLimits, limitsChain, type Match, udpRate } from "./floodLimits.ts"
import { prefix } from "./prefix.ts"
import type { Chain, Rule, RuleSet } from "./ruleSet.ts"

export const chains = {
  input: `${prefix}-INPUT`,
  forward: `${prefix}-FORWARD`,
  egress: `${prefix}-EGRESS`,
  fleet: `${prefix}-FLEET`,
  limits: `${prefix}-LIMITS`,
  forged: `${prefix}-FORGED`,
  cluster: `${prefix}-CLUSTER`,
} as const

/** The bridges that containers are on. By name, not by subnet: the engine may make them anew with another one. */
const gateway = "docker_gwbridge"
const bridges = [gateway, "docker0"] as const

/**
 * What is no public address: private, shared, loopback, link-local (the metadata service among it), documentation,
 * benchmarks, multicast and reserved networks. https://www.iana.org/assignments/iana-ipv4-special-registry
 */
export const notPublic: ReadonlyArray<string> = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
]

export interface FirewallFacts {
  /** Name servers that containers ask through the engine's resolver: they may be private ones. */
  readonly nameservers: ReadonlyArray<string>
  /** Public addresses of this machine: only its web ports are for containers, as for any visitor. */
  readonly ownAddresses: ReadonlyArray<string>
  /** The same of control plane and other workers. */
  readonly fleetAddresses: ReadonlyArray<string>
  /** Of every machine of the cluster, this one among them; none while they are not known. */
  readonly clusterAddresses: ReadonlyArray<string>
  /** The port of the overlay's data (VXLAN); who may send to it can write into every network. */
  readonly overlayPort: number
  readonly limits: FloodLimits
  /** What of them the kernel can carry out. */
  readonly matches: ReadonlySet<Match>
}

const drop = ["-j", "DROP"] as const
const leave = ["-j", "RETURN"] as const
const to = (address: string) => ["-d", address]
const state = (names: string) => ["-m", "conntrack", "--ctstate", names]
const webPorts = ["-p", "tcp", "-m", "multiport", "--dports", "80,443"] as const

/** A chain of its own, so that its counter says how many there were. */
const forged: Chain = { name: chains.forged, rules: [[...drop]] }
const isForged = ({ overlayPort }: FirewallFacts): Rule => [
  ...["-p", "udp", "--dport", String(overlayPort), "-j", chains.forged],
]

/** From a container to this machine itself: answers, and what every visitor may. */
const input = (facts: FirewallFacts): Chain => ({
  name: chains.input,
  rules: [
    isForged(facts),
    [...state("ESTABLISHED,RELATED"), ...leave],
    ["-j", chains.limits],
    ...facts.ownAddresses.filter(isIPv4).map((address) => [...to(address), ...webPorts, ...leave]),
    [...drop],
  ],
})

/** From a container through this machine. */
const forward = (facts: FirewallFacts): Chain => ({
  name: chains.forward,
  rules: [
    isForged(facts),
    [...state("INVALID"), ...drop],
    ...udpRate(facts.limits, facts.matches),
    [...state("NEW"), "-j", chains.egress],
  ],
})

const egress = ({ nameservers, ownAddresses, fleetAddresses }: FirewallFacts): Chain => ({
  name: chains.egress,
  rules: [
    ["-j", chains.limits],
    ...nameservers
      .filter((address) => isIPv4(address) && !address.startsWith("127."))
      .flatMap((address) => [
        [...to(address), "-p", "udp", "--dport", "53", ...leave],
        [...to(address), "-p", "tcp", "--dport", "53", ...leave],
      ]),
    ...notPublic.map((network) => [...to(network), ...drop]),
    ...[...new Set([...ownAddresses, ...fleetAddresses])]
      .filter(isIPv4)
      .map((address) => [...to(address), "-j", chains.fleet]),
    // Mail from a tenant ruins the addresses of all of them.
    ["-p", "tcp", "--dport", "25", ...drop],
  ],
})

const fleet: Chain = { name: chains.fleet, rules: [[...webPorts, ...leave], [...drop]] }

/** In IPv6 containers have no business at all: only answers. */
const closed: Chain = {
  name: chains.input,
  rules: [[...state("ESTABLISHED,RELATED"), ...leave], [...drop]],
}

/** From other machines to this one's ports of the cluster. */
const cluster = (program: RuleSet["program"], { overlayPort, clusterAddresses }: FirewallFacts) =>
  clusterPorts(program, chains.cluster, overlayPort, clusterAddresses)

/**
 * The rules of IPv4, and of IPv6. They are in the table `mangle`: packets pass it before `filter`, where the engine and
 * firewall programs put their rules first again and again, and what is dropped there is dropped, whichever of the
 * kernel's two packet filters (nf_tables or the legacy one) the others use.
 */
export const ruleSets = (facts: FirewallFacts): ReadonlyArray<RuleSet> => [
  {
    program: "iptables",
    chains: [
      ...cluster("iptables", facts).chains,
      forged,
      limitsChain(chains.limits, facts.limits, facts.matches),
      fleet,
      egress(facts),
      forward(facts),
      input(facts),
    ],
    jumps: [
      ...cluster("iptables", facts).jumps,
      ...bridges.map((bridge) => ({ from: "INPUT", rule: ["-i", bridge, "-j", chains.input] })),
      { from: "FORWARD", rule: ["-i", gateway, "-j", chains.forward] },
    ],
  },
  {
    program: "ip6tables",
    chains: [...cluster("ip6tables", facts).chains, closed],
    jumps: [
      ...cluster("ip6tables", facts).jumps,
      ...bridges.flatMap((bridge) =>
        ["INPUT", "FORWARD"].map((from) => ({ from, rule: ["-i", bridge, "-j", chains.input] })),
      ),
    ],
  },
]
