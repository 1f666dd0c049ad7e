import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { bootRulesFile, forgetBootRules, keepBootRules } from "./bootRules.ts"
import { defaultFloodLimits } from "./floodLimits.ts"
import { type Inside, makeKeeper } from "./PacketFilter.ts"
import { ruleSets } from "./rules.ts"

// The script that a machine's init system runs, in a network namespace that knows nothing yet.

const script = join(import.meta.dirname, "../../../modules/worker/boot-rules.sh")
const namespace = `skyboot${process.pid}`
const programs = ["iptables", "ip6tables"] as const
const many = Array.from({ length: 60 }, (_, at) => `10.98.0.${at}`)
const sets = ruleSets({
  nameservers: ["10.0.0.53"],
  ownAddresses: ["93.184.216.36"],
  fleetAddresses: ["93.184.216.35"],
  clusterAddresses: [...many, "2001:db8::7"],
  overlayPort: 4789,
  limits: defaultFloodLimits,
  matches: new Set(["hashlimit", "connlimit"]),
})

let data = ""
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "skypanel-boot-"))
  execFileSync("ip", ["netns", "add", namespace])
  await Effect.runPromise(Effect.forEach(sets, (rules) => keepBootRules(data, rules)))
})
afterEach(() => {
  execFileSync("ip", ["netns", "delete", namespace])
  rmSync(data, { recursive: true })
})

const within = (program: string, ...args: ReadonlyArray<string>) =>
  ["nsenter", [`--net=/run/netns/${namespace}`, "--", program, ...args]] as const
const inside: Inside = (program, args) => within(program, ...args)
const boot = () => spawnSync(...within("sh", script, data), { encoding: "utf8" }).status
const printed = () =>
  programs.map((program) =>
    execFileSync(...within(program, "-t", "mangle", "-S"), { encoding: "utf8", stdio: "pipe" }),
  )
/** As the agent itself would have it. */
const asWanted = async () => {
  const before = printed()
  for (const rules of sets) await Effect.runPromise(makeKeeper(rules.program, inside).putInForce(rules))
  const now = printed()
  return before.join() === now.join()
}

describe("a machine that starts", () => {
  it("has all that the agent had in force, and the agent finds nothing to change", async () => {
    expect(boot()).toBe(0)
    expect(printed().join()).toContain("-A INPUT -i docker_gwbridge -j SKYPANEL-INPUT")
    expect(await asWanted()).toBe(true)
  })

  it("has nothing twice, and nothing older than what the agent has in force by now", async () => {
    boot()
    const before = printed()
    expect(boot()).toBe(0)
    expect(printed()).toEqual(before)
  })

  it("has the rules of one protocol when those of the other cannot be had, and says so", () => {
    writeFileSync(bootRulesFile(data, "iptables"), "*mangle\n-A NOWHERE -j DROP\nCOMMIT\n")
    expect(boot()).toBe(1)
    const [four, six] = printed()
    expect(four).not.toContain("SKYPANEL")
    expect(six).toContain("-j SKYPANEL-INPUT")
  })

  it("starts as well where no agent has kept anything, or is to keep it any more", async () => {
    await Effect.runPromise(forgetBootRules(data))
    expect(existsSync(bootRulesFile(data, "iptables"))).toBe(false)
    expect(boot()).toBe(0)
    expect(printed().join()).not.toContain("SKYPANEL")
  })
})
