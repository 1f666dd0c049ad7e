import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"

const script = join(import.meta.dirname, "..", "..", "modules", "worker", "leftovers.sh")
const namespace = `skyleft${process.pid}`
/** Where the agent's rules are (agent/src/firewall/rules.ts). */
const table = ["-t", "mangle"] as const
const rules = () =>
  ["iptables", "ip6tables"].map((program) => within(program, "-S") + within(program, ...table, "-S"))
const within = (program: string, ...args: ReadonlyArray<string>) =>
  execFileSync("ip", ["netns", "exec", namespace, program, ...args], { encoding: "utf8", stdio: "pipe" })

beforeAll(() => execFileSync("ip", ["netns", "add", namespace]))
afterAll(() => execFileSync("ip", ["netns", "delete", namespace]))

it("a machine that is no worker any more has the packet filter that it had before", () => {
  for (const program of ["iptables", "ip6tables"]) {
    within(program, "-N", "nixos-fw")
    within(program, "-A", "nixos-fw", "-p", "tcp", "--dport", "22", "-j", "ACCEPT")
    within(program, "-A", "INPUT", "-j", "nixos-fw")
  }
  // A table has its chains in its print from its first use on.
  rules()
  const before = rules()
  for (const program of ["iptables", "ip6tables"]) {
    within(program, ...table, "-N", "SKYPANEL-INPUT")
    within(program, ...table, "-A", "SKYPANEL-INPUT", "-j", "DROP")
    within(program, ...table, "-I", "INPUT", "1", "-i", "docker0", "-j", "SKYPANEL-INPUT")
  }
  expect(rules().join()).toContain("SKYPANEL-INPUT")
  within("sh", "-e", script)
  expect(rules()).toEqual(before)
})
