import { describe, expect, it } from "vitest"
import type { RuleSet } from "./ruleSet.ts"
import { damage, installation, ownPart, packetsOf, removal } from "./transaction.ts"

const rules: RuleSet = {
  program: "iptables",
  chains: [
    { name: "SKYPANEL-EGRESS", rules: [["-p", "tcp", "--dport", "25", "-j", "DROP"]] },
    { name: "SKYPANEL-FORWARD", rules: [["-j", "SKYPANEL-EGRESS"]] },
  ],
  jumps: [{ from: "FORWARD", rule: ["-i", "docker_gwbridge", "-j", "SKYPANEL-FORWARD"] }],
}
const stock = ["-P INPUT ACCEPT", "-P FORWARD ACCEPT", "-A FORWARD -j SOMEBODYS"].join("\n")
const jump = "-A FORWARD -i docker_gwbridge -j SKYPANEL-FORWARD"

describe("installation", () => {
  it("is one transaction that takes former jumps out and puts each first", () => {
    const text = installation(rules, `${stock}\n${jump}\n${jump}`)
    expect(text.startsWith("*mangle\n")).toBe(true)
    expect(text.endsWith("\nCOMMIT\n")).toBe(true)
    expect(text.split("\n").filter((line) => line === jump.replace("-A", "-D"))).toHaveLength(2)
    expect(text).toContain("\n-I FORWARD 1 -i docker_gwbridge -j SKYPANEL-FORWARD\n")
    expect(text).not.toContain("SOMEBODYS")
  })

  it("leaves nothing of the rules before: neither a chain nor what led there", () => {
    const before = `${stock}\n-N SKYPANEL-CLUSTER\n-A INPUT -p udp -j SKYPANEL-CLUSTER\n-A SKYPANEL-CLUSTER -j DROP`
    const lines = installation(rules, before).split("\n")
    expect(lines).toContain("-D INPUT -p udp -j SKYPANEL-CLUSTER")
    // What other chains of ours lead to is emptied before, and taken away after nothing leads there any more.
    expect(lines.indexOf("-F SKYPANEL-CLUSTER")).toBeGreaterThan(0)
    expect(lines.indexOf("-X SKYPANEL-CLUSTER")).toBe(lines.indexOf("COMMIT") - 1)
  })
})

describe("damage", () => {
  const inForce = `-N SKYPANEL-FORWARD\n${jump}\n-A FORWARD -j SOMEBODYS\n-A SKYPANEL-FORWARD -j RETURN`
  const damageOf = (printed: string) => damage(ownPart(rules, inForce), ownPart(rules, printed))
  it("is not done by rules of others", () => {
    expect(damageOf(`${inForce}\n-A FORWARD -j ACCEPT\n-N X\n-A X -j ACCEPT`)).toBeNull()
  })
  it.each([
    [
      "a flushed chain",
      inForce.replace("\n-A SKYPANEL-FORWARD -j RETURN", ""),
      "missing: -A SKYPANEL-FORWARD -j RETURN",
    ],
    ["a jump that is gone", inForce.replace(`${jump}\n`, ""), `missing: ${jump}`],
    [
      "a rule before the jump",
      inForce.replace(jump, `-A FORWARD -j ACCEPT\n${jump}`),
      "not ours: -A FORWARD -j ACCEPT",
    ],
    ["everything gone", stock, "missing: -N SKYPANEL-FORWARD; -A SKYPANEL-FORWARD -j RETURN"],
  ])("is %s", (_, printed, words) => {
    expect(damageOf(printed)).toContain(words)
  })
})

describe("removal", () => {
  it("takes away what is there of ours, and what leads there", () => {
    const there = `${stock}\n-N SKYPANEL-EGRESS\n-N SKYPANEL-FORWARD\n${jump}`
    expect(removal(there)).toBe(
      [
        "*mangle",
        "-D FORWARD -i docker_gwbridge -j SKYPANEL-FORWARD",
        "-F SKYPANEL-EGRESS",
        "-F SKYPANEL-FORWARD",
        "-X SKYPANEL-EGRESS",
        "-X SKYPANEL-FORWARD",
        "COMMIT\n",
      ].join("\n"),
    )
  })
  it("does nothing where nothing of ours is", () => {
    expect(removal(stock)).toBeNull()
  })
})

describe("packetsOf", () => {
  it("reads the counter of the first rule", () => {
    expect(packetsOf("-N SKYPANEL-FORGED -c 0 0\n-A SKYPANEL-FORGED -c 12 840 -j DROP\n")).toBe(12)
    expect(packetsOf("-N SKYPANEL-FORGED\n")).toBe(0)
  })
})
