import { isIPv4, isIPv6 } from "node:net"
import ipaddr from "ipaddr.js"
import type { Chain, Jump, Rule } from "./ruleSet.ts"

/** 2377: joining, and a manager's orders. 7946: what the engines tell each other of their networks (gossip). */
const tcpPorts = "2377,7946"
const gossipPort = 7946

/** A list that is longer is looked through by parts: every packet of an overlay network comes by here. */
const listMost = 32

/** One without a zone: `fe80::1%eth0` is no address to a packet filter. */
const isOf = {
  iptables: (address: string) => isIPv4(address),
  ip6tables: (address: string) => isIPv6(address) && !address.includes("%"),
}

/** Addresses are in order as numbers are. */
const numberOf = (address: string): bigint =>
  ipaddr
    .parse(address)
    .toByteArray()
    .reduce((number, byte) => number * 256n + BigInt(byte), 0n)

const inOrder = (addresses: ReadonlyArray<string>): ReadonlyArray<string> =>
  addresses
    .map((address) => ({ address, number: numberOf(address) }))
    .toSorted((one, other) => (one.number < other.number ? -1 : 1))
    .map(({ address }) => address)

const returning = (address: string): Rule => ["-s", address, "-j", "RETURN"]

/**
 * Who sends a datagram to the overlays' port writes into every organization's network: nothing there is signed or
 * encrypted. So these ports are for the machines of the cluster, by their addresses; and for nobody to whom this machine
 * has not spoken first. While no address is known all is as the machine's own firewall has it: nobody is cut off.
 */
export const clusterPorts = (
  program: keyof typeof isOf,
  name: string,
  overlayPort: number,
  addresses: ReadonlyArray<string>,
): { readonly chains: ReadonlyArray<Chain>; readonly jumps: ReadonlyArray<Jump> } => {
  if (addresses.length === 0) return { chains: [], jumps: [] }
  const own = inOrder([...new Set(addresses)].filter(isOf[program]))
  const parts =
    own.length <= listMost
      ? []
      : Array.from({ length: Math.ceil(own.length / listMost) }, (_, part) => ({
          name: `${name}-${part}`,
          found: own.slice(part * listMost, (part + 1) * listMost),
        }))
  // Gone to, not jumped to: who returns from a part has come through, and is not dropped by what follows here.
  const allowed: ReadonlyArray<Rule> =
    parts.length === 0
      ? own.map(returning)
      : parts.map(({ name, found }) => [
          ...["-m", "iprange", "--src-range", `${found[0]}-${found.at(-1)}`, "-g", name],
        ])
  return {
    chains: [
      ...parts.map(({ name, found }) => ({ name, rules: [...found.map(returning), ["-j", "DROP"]] })),
      {
        name,
        rules: [
          ["-i", "lo", "-j", "RETURN"],
          ["-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "RETURN"],
          ...allowed,
          ["-j", "DROP"],
        ],
      },
    ],
    jumps: [
      ["-p", "udp", "-m", "multiport", "--dports", `${overlayPort},${gossipPort}`],
      ["-p", "tcp", "-m", "multiport", "--dports", tcpPorts],
    ].map((match) => ({ from: "INPUT", rule: [...match, "-j", name] })),
  }
}
