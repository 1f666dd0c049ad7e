import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"

const script = join(import.meta.dirname, "..", "..", "modules", "worker", "leftovers.sh")
const namespace = `skyleft${process.pid}`
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
  const before = within("iptables", "-S") + within("ip6tables", "-S")
  for (const program of ["iptables", "ip6tables"]) {
    within(program, "-N", "SKYPANEL-INPUT")
    within(program, "-A", "SKYPANEL-INPUT", "-j", "DROP")
    within(program, "-I", "INPUT", "1", "-i", "docker0", "-j", "SKYPANEL-INPUT")
  }
  expect(within("iptables", "-S")).toContain("SKYPANEL-INPUT")
  within("sh", "-e", script)
  expect(within("iptables", "-S") + within("ip6tables", "-S")).toBe(before)
})
