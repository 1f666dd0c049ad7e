import { describe, expect, it } from "vitest"
import { nameserversOf } from "./Firewall.ts"
import { type FirewallFacts, installation, ownPart, prefix, removal, ruleSets } from "./rules.ts"

const facts = (more: Partial<FirewallFacts> = {}): FirewallFacts => ({
  nameservers: [],
  ownAddresses: [],
  overlayPort: 4789,
  ...more,
})
const [four, six] = ruleSets(facts()) as [ReturnType<typeof ruleSets>[0], ReturnType<typeof ruleSets>[0]]
const egress = (more: Partial<FirewallFacts>) =>
  ruleSets(facts(more))[0]!
    .chains.find(({ name }) => name === "SKYPANEL-EGRESS")!
    .rules.map((rule) => rule.join(" "))

describe("ruleSets", () => {
  it("are argument lists: no argument holds a space or a line's end", () => {
    const hostile = { nameservers: ["10.0.0.1 -j ACCEPT", "x"], ownAddresses: ["1.2.3.4\n-F", "::1"] }
    for (const { chains, jumps } of ruleSets(facts(hostile)))
      for (const rule of [...chains.flatMap(({ rules }) => rules), ...jumps.map(({ rule }) => rule)])
        for (const argument of rule) expect(argument).toMatch(/^[\w.,/!-]+$/)
  })

  it("drop the overlay's own port before anything is allowed", () => {
    expect(egress({ nameservers: ["10.0.0.53"] })[0]).toBe("-p udp --dport 4789 -j DROP")
  })

  it("let containers ask a private name server, and nothing else of that network", () => {
    const rules = egress({ nameservers: ["10.0.0.53", "127.0.0.53", "fe80::1"] })
    expect(rules).toContain("-d 10.0.0.53 -p udp --dport 53 -j RETURN")
    expect(rules.indexOf("-d 10.0.0.53 -p tcp --dport 53 -j RETURN")).toBeLessThan(
      rules.indexOf("-d 10.0.0.0/8 -j DROP"),
    )
    expect(rules.filter((rule) => rule.includes("RETURN"))).toHaveLength(3)
  })

  it("leave only the web ports of the platform's own public addresses", () => {
    expect(egress({ ownAddresses: ["198.51.99.7"] })).toContain(
      "-d 198.51.99.7 -p tcp -m multiport ! --dports 80,443 -j DROP",
    )
  })

  it("drop the metadata service, private networks and mail", () => {
    const rules = egress({})
    for (const network of [
      "169.254.0.0/16",
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "100.64.0.0/10",
    ])
      expect(rules).toContain(`-d ${network} -j DROP`)
    expect(rules).toContain("-p tcp --dport 25 -j DROP")
  })

  it("have names of ours only", () => {
    for (const { chains } of [four, six])
      for (const { name } of chains) expect(name.startsWith(`${prefix}-`)).toBe(true)
  })
})

const stock = ["-P INPUT ACCEPT", "-N DOCKER-USER", "-A DOCKER-USER -j RETURN"].join("\n")
const jump = "-A DOCKER-USER -i docker_gwbridge -j SKYPANEL-NEW"

describe("installation", () => {
  it("is one transaction that takes former jumps out and puts each first", () => {
    const text = installation(four, `${stock}\n${jump}\n${jump}`)
    expect(text.startsWith("*filter\n")).toBe(true)
    expect(text.endsWith("\nCOMMIT\n")).toBe(true)
    expect(text.split("\n").filter((line) => line === jump.replace("-A", "-D"))).toHaveLength(2)
    expect(text).toContain("\n-I DOCKER-USER 1 -i docker_gwbridge -j SKYPANEL-NEW\n")
    expect(text).not.toContain("-D INPUT")
  })
})

describe("ownPart", () => {
  const inForce = `-N DOCKER-USER\n-N SKYPANEL-NEW\n${jump}\n-A DOCKER-USER -j RETURN\n-A SKYPANEL-NEW -j RETURN`
  it("does not change with the rules of others", () => {
    expect(ownPart(four, `${inForce}\n-A DOCKER -j ACCEPT`)).toBe(ownPart(four, inForce))
  })
  it.each([
    ["a flushed chain", inForce.replace("\n-A SKYPANEL-NEW -j RETURN", "")],
    ["a jump that is gone", inForce.replace(`${jump}\n`, "")],
    ["a rule before the jump", inForce.replace(jump, `-A DOCKER-USER -j ACCEPT\n${jump}`)],
  ])("changes with %s", (_, printed) => {
    expect(ownPart(four, printed)).not.toBe(ownPart(four, inForce))
  })
})

describe("removal", () => {
  it("takes away what is there, chains that others lead to last", () => {
    const text = removal(four, `${stock}\n-N SKYPANEL-EGRESS\n-N SKYPANEL-NEW\n${jump}`)
    expect(text).toBe(
      "*filter\n-D DOCKER-USER -i docker_gwbridge -j SKYPANEL-NEW\n-F SKYPANEL-NEW\n-F SKYPANEL-EGRESS\n-X SKYPANEL-NEW\n-X SKYPANEL-EGRESS\nCOMMIT\n",
    )
  })
  it("does nothing where nothing of ours is", () => {
    expect(removal(four, stock)).toBeNull()
  })
})

describe("nameserversOf", () => {
  it("reads resolv.conf", () => {
    expect(
      nameserversOf("# a\nsearch x\nnameserver 10.0.0.2\n nameserver\t1.1.1.1 \n#nameserver 9.9.9.9"),
    ).toEqual(["10.0.0.2", "1.1.1.1"])
  })
})
