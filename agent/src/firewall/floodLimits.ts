import type { Chain, Rule } from "./ruleSet.ts"

/** What one container may do at most. What is more is dropped, and only of that container. */
export interface FloodLimits {
  /** New connections and flows in a second, and how many more at once. */
  readonly newPerSecond: number
  readonly newBurst: number
  /** Open connections and flows: each takes a place in the machine's table of connections. */
  readonly connections: number
  readonly udpPacketsPerSecond: number
  readonly dnsPerSecond: number
}

/**
 * A client that opens a connection for each request stays below them; a scan or a flood does not. The kernel's table
 * has 262,144 places on a machine with 4 GiB and more: a hundred containers cannot fill it.
 */
export const defaultFloodLimits: FloodLimits = {
  newPerSecond: 100,
  newBurst: 400,
  connections: 2_000,
  udpPacketsPerSecond: 2_000,
  dnsPerSecond: 50,
}

/** Parts of the packet filter that not every kernel has. */
export type Match = "hashlimit" | "connlimit"

/**
 * At most so many packets a second from each source address. The name carries the rate: the kernel keeps a table of a
 * known name as it is.
 */
const above = (name: string, perSecond: number, burst: number): Rule => [
  ...["-m", "hashlimit", "--hashlimit-name", `sky-${name}-${perSecond}`, "--hashlimit-mode", "srcip"],
  ...["--hashlimit-above", `${perSecond}/sec`, "--hashlimit-burst", String(burst)],
]

const open = (most: number): Rule => [
  ...["-m", "connlimit", "--connlimit-above", String(most), "--connlimit-mask", "32", "--connlimit-saddr"],
]

/** To find out whether the packet filter takes such a match. */
export const samples: ReadonlyArray<readonly [Match, Rule]> = [
  ["hashlimit", above("probe", 1, 1)],
  ["connlimit", open(1)],
]

const drop = ["-j", "DROP"] as const

/** For the first packets of connections and flows. */
export const limitsChain = (name: string, limits: FloodLimits, has: ReadonlySet<Match>): Chain => ({
  name,
  rules: [
    ...(has.has("hashlimit")
      ? [
          [...above("new", limits.newPerSecond, limits.newBurst), ...drop],
          [
            ...["-p", "udp", "--dport", "53"],
            ...above("dns", limits.dnsPerSecond, limits.dnsPerSecond * 4),
            ...drop,
          ],
        ]
      : []),
    ...(has.has("connlimit") ? [[...open(limits.connections), ...drop]] : []),
  ],
})

/** For every packet: also in a flow that was answered once. */
export const udpRate = (limits: FloodLimits, has: ReadonlySet<Match>): ReadonlyArray<Rule> =>
  has.has("hashlimit")
    ? [
        [
          ...["-p", "udp"],
          ...above("udp", limits.udpPacketsPerSecond, limits.udpPacketsPerSecond * 2),
          ...drop,
        ],
      ]
    : []
