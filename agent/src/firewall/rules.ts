import { isIPv4 } from "node:net"

/** Everything of ours in the packet filter begins with this. */
export const prefix = "SKYPANEL"
const chains = { input: `${prefix}-INPUT`, egress: `${prefix}-EGRESS`, new: `${prefix}-NEW` } as const

/** The bridges that containers are on. By name, not by subnet: the engine may make them anew with another one. */
const bridges = ["docker_gwbridge", "docker0"] as const

/** The engine's own chain for its users, before its rules for forwarded packets. */
const dockerUser = "DOCKER-USER"

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

/** A rule as `iptables` takes it after `-A <chain>`. */
export type Rule = ReadonlyArray<string>

/** The content of one of our chains: it is exactly these rules, in this order. */
export interface Chain {
  readonly name: string
  readonly rules: ReadonlyArray<Rule>
}

/** Where packets come into our chains: the first rule of a chain that is not ours. */
export interface Jump {
  readonly from: string
  readonly rule: Rule
}

export interface RuleSet {
  readonly program: "iptables" | "ip6tables"
  readonly chains: ReadonlyArray<Chain>
  readonly jumps: ReadonlyArray<Jump>
}

export interface FirewallFacts {
  /** Name servers that containers ask through the engine's resolver: they may be private ones. */
  readonly nameservers: ReadonlyArray<string>
  /** Public addresses of the platform's machines: only their web ports are for containers. */
  readonly ownAddresses: ReadonlyArray<string>
  /** The port of the overlay's data (VXLAN); who may send to it can write into every network. */
  readonly overlayPort: number
}

const drop = ["-j", "DROP"] as const
const to = (address: string) => ["-d", address]
const state = (names: string) => ["-m", "conntrack", "--ctstate", names]

const egress = ({ nameservers, ownAddresses, overlayPort }: FirewallFacts): Chain => ({
  name: chains.egress,
  rules: [
    ["-p", "udp", "--dport", String(overlayPort), ...drop],
    ...nameservers
      .filter((address) => isIPv4(address) && !address.startsWith("127."))
      .flatMap((address) => [
        [...to(address), "-p", "udp", "--dport", "53", "-j", "RETURN"],
        [...to(address), "-p", "tcp", "--dport", "53", "-j", "RETURN"],
      ]),
    ...notPublic.map((network) => [...to(network), ...drop]),
    ...ownAddresses
      .filter(isIPv4)
      .map((address) => [...to(address), "-p", "tcp", "-m", "multiport", "!", "--dports", "80,443", ...drop]),
    ...ownAddresses.filter(isIPv4).map((address) => [...to(address), "-p", "udp", ...drop]),
    // Mail from a tenant ruins the addresses of all of them.
    ["-p", "tcp", "--dport", "25", ...drop],
    ["-j", "RETURN"],
  ],
})

/** From a container to this machine itself: only answers. The machine reaches containers, never the other way. */
const input: Chain = {
  name: chains.input,
  rules: [[...state("ESTABLISHED,RELATED"), "-j", "ACCEPT"], [...drop]],
}

const forwarded: Chain = {
  name: chains.new,
  rules: [
    [...state("INVALID"), ...drop],
    [...state("NEW"), "-j", chains.egress],
    ["-j", "RETURN"],
  ],
}

/** The rules of IPv4, and of IPv6, in which containers have no business at all. */
export const ruleSets = (facts: FirewallFacts): ReadonlyArray<RuleSet> => [
  {
    program: "iptables",
    chains: [input, egress(facts), forwarded],
    jumps: [
      ...bridges.map((bridge) => ({ from: "INPUT", rule: ["-i", bridge, "-j", chains.input] })),
      { from: dockerUser, rule: ["-i", "docker_gwbridge", "-j", chains.new] },
    ],
  },
  {
    program: "ip6tables",
    chains: [input],
    jumps: bridges.flatMap((bridge) =>
      ["INPUT", "FORWARD"].map((from) => ({ from, rule: ["-i", bridge, "-j", chains.input] })),
    ),
  },
]

const linesOf = (printed: string) =>
  printed
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")

const jumpLine = ({ from, rule }: Jump) => ["-A", from, ...rule].join(" ")

/** What the packet filter prints (`-S`) of our chains and of the jumps to them, to be compared with a later print. */
export const ownPart = ({ chains, jumps }: RuleSet, printed: string): string => {
  const lines = linesOf(printed)
  const ours = lines.filter((line) =>
    chains.some(({ name }) => line === `-N ${name}` || line.startsWith(`-A ${name} `)),
  )
  // Our jumps come before all other rules of their chains; where others stand first, it is not in force.
  const first = [...new Set(jumps.map(({ from }) => from))].flatMap((from) =>
    lines
      .filter((line) => line.startsWith(`-A ${from} `))
      .slice(0, jumps.filter((jump) => jump.from === from).length),
  )
  return [...ours, ...first].join("\n")
}

const taken = (jumps: ReadonlyArray<Jump>, printed: string): ReadonlyArray<string> => {
  const lines = linesOf(printed)
  return jumps.flatMap((jump) =>
    lines.filter((line) => line === jumpLine(jump)).map((line) => line.replace(/^-A /, "-D ")),
  )
}

const transaction = (lines: ReadonlyArray<string>) => `${["*filter", ...lines, "COMMIT"].join("\n")}\n`

/**
 * The input of `iptables-restore --noflush` that puts all of it in force in one step, whatever there was of it before:
 * no packet meets a half-filled chain. `printed` is the packet filter's print as it is now.
 */
export const installation = ({ chains, jumps }: RuleSet, printed: string): string =>
  transaction([
    ...chains.map(({ name }) => `:${name} - [0:0]`),
    ...chains.flatMap(({ name, rules }) => rules.map((rule) => `-A ${name} ${rule.join(" ")}`)),
    ...taken(jumps, printed),
    ...jumps.map(({ from, rule }) => `-I ${from} 1 ${rule.join(" ")}`),
  ])

/** The same, to take all of it away; null when nothing of it is there. */
export const removal = ({ chains, jumps }: RuleSet, printed: string): string | null => {
  const lines = linesOf(printed)
  const there = chains.filter(({ name }) => lines.includes(`-N ${name}`)).toReversed()
  const jumpsAway = taken(jumps, printed)
  if (there.length === 0 && jumpsAway.length === 0) return null
  return transaction([
    ...jumpsAway,
    ...there.map(({ name }) => `-F ${name}`),
    ...there.map(({ name }) => `-X ${name}`),
  ])
}
