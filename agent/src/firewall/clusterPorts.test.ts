import { describe, expect, it } from "vitest"
import { clusterPorts } from "./clusterPorts.ts"

const of = (addresses: ReadonlyArray<string>, program: "iptables" | "ip6tables" = "iptables") => {
  const { chains, jumps } = clusterPorts(program, "CLUSTER", 4789, addresses)
  return {
    chains: Object.fromEntries(chains.map(({ name, rules }) => [name, rules.map((rule) => rule.join(" "))])),
    jumps: jumps.map(({ from, rule }) => `${from} ${rule.join(" ")}`),
  }
}
const always = ["-i lo -j RETURN", "-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN"]

describe("clusterPorts", () => {
  it("are for the machines of the cluster, and for nobody else", () => {
    const { chains, jumps } = of(["10.0.0.11", "10.0.0.12", "2001:db8::11", "10.0.0.11"])
    expect(chains).toEqual({
      CLUSTER: [...always, "-s 10.0.0.11 -j RETURN", "-s 10.0.0.12 -j RETURN", "-j DROP"],
    })
    expect(jumps).toEqual([
      "INPUT -p udp -m multiport --dports 4789,7946 -j CLUSTER",
      "INPUT -p tcp -m multiport --dports 2377,7946 -j CLUSTER",
    ])
  })

  it("are for nobody by the other protocol where every machine has addresses of one only", () => {
    expect(of(["10.0.0.11"], "ip6tables").chains).toEqual({ CLUSTER: [...always, "-j DROP"] })
    expect(of(["10.0.0.11", "2001:db8::11"], "ip6tables").chains.CLUSTER).toContain(
      "-s 2001:db8::11 -j RETURN",
    )
  })

  it("stay as open as they were while nobody's address is known", () => {
    for (const program of ["iptables", "ip6tables"] as const)
      expect(of([], program)).toEqual({ chains: {}, jumps: [] })
  })

  it("take no rule from an address that is none", () => {
    const hostile = ["0.0.0.0/0", "10.0.0.1 -j ACCEPT", "fe80::1%eth0", "x", ""]
    for (const program of ["iptables", "ip6tables"] as const)
      expect(of(hostile, program).chains).toEqual({ CLUSTER: [...always, "-j DROP"] })
  })

  it("look through a long list by parts, in which each address is where its packets come to", () => {
    const many = Array.from({ length: 200 }, (_, at) => `10.1.${at % 7}.${at}`)
    const numbers = (address: string) =>
      address
        .split(".")
        .map((one) => one.padStart(3, "0"))
        .join(".")
    const { chains } = of(many)
    const ranges = chains.CLUSTER!.flatMap((rule) => {
      const [, first, last, part] = /--src-range (\S+)-(\S+) -g (\S+)$/.exec(rule) ?? []
      return part === undefined ? [] : [{ first: first!, last: last!, part }]
    })
    expect(ranges).toHaveLength(7)
    for (const address of many) {
      const [range, ...others] = ranges.filter(
        ({ first, last }) => numbers(first) <= numbers(address) && numbers(address) <= numbers(last),
      )
      expect(others).toEqual([])
      expect(chains[range!.part]).toContain(`-s ${address} -j RETURN`)
    }
    for (const rules of Object.values(chains)) expect(rules.at(-1)).toBe("-j DROP")
  })
})
