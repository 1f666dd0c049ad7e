import { describe, expect, it } from "vitest"
import { nameserversOf, publicOnes } from "./facts.ts"
import { defaultFloodLimits } from "./floodLimits.ts"
import { prefix } from "./prefix.ts"
import { type FirewallFacts, ruleSets } from "./rules.ts"

const facts = (more: Partial<FirewallFacts> = {}): FirewallFacts => ({
  nameservers: [],
  ownAddresses: [],
  fleetAddresses: [],
  clusterAddresses: [],
  overlayPort: 4789,
  limits: defaultFloodLimits,
  matches: new Set(["hashlimit", "connlimit"]),
  ...more,
})
const chain = (name: string, more: Partial<FirewallFacts> = {}) =>
  ruleSets(facts(more))[0]!
    .chains.find((one) => one.name === `SKYPANEL-${name}`)!
    .rules.map((rule) => rule.join(" "))

describe("ruleSets", () => {
  it("are argument lists: no argument holds a space or a line's end", () => {
    const hostile = {
      nameservers: ["10.0.0.1 -j ACCEPT", "x"],
      ownAddresses: ["1.2.3.4\n-F", "::1"],
      fleetAddresses: ["5.6.7.8 -j ACCEPT", "panel.example.com"],
    }
    for (const { chains, jumps } of ruleSets(facts(hostile)))
      for (const rule of [...chains.flatMap(({ rules }) => rules), ...jumps.map(({ rule }) => rule)])
        for (const argument of rule) expect(argument).toMatch(/^[\w.,/!-]+$/)
  })

  it("drop the overlay's own port before anything else, in every state of a connection", () => {
    for (const name of ["INPUT", "FORWARD"])
      expect(chain(name)[0]).toBe("-p udp --dport 4789 -j SKYPANEL-FORGED")
    expect(chain("FORGED")).toEqual(["-j DROP"])
  })

  it("let containers ask a private name server, and nothing else of that network", () => {
    const rules = chain("EGRESS", { nameservers: ["10.0.0.53", "127.0.0.53", "fe80::1"] })
    expect(rules).toContain("-d 10.0.0.53 -p udp --dport 53 -j RETURN")
    expect(rules.indexOf("-d 10.0.0.53 -p tcp --dport 53 -j RETURN")).toBeLessThan(
      rules.indexOf("-d 10.0.0.0/8 -j DROP"),
    )
    expect(rules.filter((rule) => rule.includes("RETURN"))).toHaveLength(2)
  })

  it("leave only the web ports of the fleet's public addresses, and of this machine's", () => {
    const rules = chain("EGRESS", { ownAddresses: ["51.0.0.7"], fleetAddresses: ["51.0.0.8", "51.0.0.7"] })
    for (const address of ["51.0.0.7", "51.0.0.8"])
      expect(rules.filter((rule) => rule.includes(address))).toEqual([`-d ${address} -j SKYPANEL-FLEET`])
    expect(chain("FLEET")).toEqual(["-p tcp -m multiport --dports 80,443 -j RETURN", "-j DROP"])
    expect(chain("INPUT", { ownAddresses: ["51.0.0.7"], fleetAddresses: ["51.0.0.8"] }).slice(-2)).toEqual([
      "-d 51.0.0.7 -p tcp -m multiport --dports 80,443 -j RETURN",
      "-j DROP",
    ])
  })

  it("drop the metadata service, private networks and mail", () => {
    const rules = chain("EGRESS")
    for (const network of ["169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])
      expect(rules).toContain(`-d ${network} -j DROP`)
    expect(rules).toContain("-d 100.64.0.0/10 -j DROP")
    expect(rules).toContain("-p tcp --dport 25 -j DROP")
  })

  it("limit what one container sends, as far as the kernel can", () => {
    expect(chain("EGRESS")[0]).toBe("-j SKYPANEL-LIMITS")
    expect(chain("LIMITS")).toHaveLength(3)
    expect(chain("LIMITS", { matches: new Set(["connlimit"]) })).toEqual([
      "-m connlimit --connlimit-above 2000 --connlimit-mask 32 --connlimit-saddr -j DROP",
    ])
    expect(chain("LIMITS", { matches: new Set() })).toEqual([])
    expect(chain("FORWARD", { matches: new Set() }).join()).not.toContain("hashlimit")
  })

  it("name the kernel's tables of rates after the rates: a table keeps the rate that it was made with", () => {
    expect(chain("LIMITS").join("\n")).toContain("--hashlimit-name sky-new-100 ")
    const limits = { ...defaultFloodLimits, newPerSecond: 7 }
    expect(chain("LIMITS", { limits }).join("\n")).toContain("--hashlimit-name sky-new-7 ")
  })

  it("have names of ours only", () => {
    for (const { chains } of ruleSets(facts()))
      for (const { name } of chains) expect(name.startsWith(`${prefix}-`)).toBe(true)
  })
})

describe("facts", () => {
  it("take name servers from resolv.conf", () => {
    expect(
      nameserversOf("# a\nsearch x\nnameserver 10.0.0.2\n nameserver\t1.1.1.1 \n#nameserver 9.9.9.9"),
    ).toEqual(["10.0.0.2", "1.1.1.1"])
  })

  it("take public addresses only, each once, in an order that does not change by itself", () => {
    const told = ["93.184.216.9", "10.0.0.1", "panel.example.com", "93.184.216.3", "93.184.216.9", "fe80::1"]
    expect(publicOnes(told)).toEqual(["93.184.216.3", "93.184.216.9"])
  })
})
