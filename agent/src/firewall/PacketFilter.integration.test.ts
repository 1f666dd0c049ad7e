import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process"
import { promisify } from "node:util"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Inside, makeKeeper } from "./PacketFilter.ts"
import { ruleSets } from "./rules.ts"

/*
 * Three machines in network namespaces: a container on the bridge of a worker, and a machine beyond the worker that
 * has a private and a public address.
 */
const [worker, container, beyond] = ["w", "c", "b"].map((name) => `skyfw${process.pid}${name}`) as [
  string,
  string,
  string,
]
const listeners: Array<ChildProcess> = []
const run = promisify(execFile)
const ip = (...args: ReadonlyArray<string>) => execFileSync("ip", args, { stdio: "pipe" })
const inside =
  (namespace: string): Inside =>
  (program, args) => ["nsenter", [`--net=/run/netns/${namespace}`, "--", program, ...args]]
const within = (namespace: string, program: string, ...args: ReadonlyArray<string>) =>
  execFileSync(...inside(namespace)(program, args), { stdio: "pipe" }).toString()

const listen = (namespace: string, port: number) => {
  const [program, args] = inside(namespace)("socat", [`TCP-LISTEN:${port},fork,reuseaddr`, "PIPE"])
  listeners.push(spawn(program, args, { stdio: "ignore" }))
}

const reaches = (namespace: string, address: string, port: number) =>
  run(...inside(namespace)("socat", ["-u", "/dev/null", `TCP:${address}:${port},connect-timeout=1`])).then(
    () => true,
    () => false,
  )

const until = async (what: string, look: () => Promise<boolean>) => {
  const deadline = performance.now() + 10_000
  while (!(await look())) if (performance.now() > deadline) throw new Error(`waited for ${what}`)
}

const publicAddress = "93.184.216.34"
const privateAddress = "10.99.0.2"

beforeAll(async () => {
  for (const name of [worker, container, beyond]) {
    ip("netns", "add", name)
    ip("-n", name, "link", "set", "lo", "up")
  }
  const cable = (a: string, deviceA: string, b: string, deviceB: string) =>
    ip("link", "add", deviceA, "netns", a, "type", "veth", "peer", "name", deviceB, "netns", b)
  ip("-n", worker, "link", "add", "docker_gwbridge", "type", "bridge")
  ip("-n", worker, "addr", "add", "172.30.0.1/24", "dev", "docker_gwbridge")
  ip("-n", worker, "link", "set", "docker_gwbridge", "up")
  cable(worker, "port", container, "eth0")
  ip("-n", worker, "link", "set", "port", "master", "docker_gwbridge", "up")
  ip("-n", container, "addr", "add", "172.30.0.2/24", "dev", "eth0")
  ip("-n", container, "link", "set", "eth0", "up")
  ip("-n", container, "route", "add", "default", "via", "172.30.0.1")
  cable(worker, "eth0", beyond, "eth0")
  ip("-n", worker, "addr", "add", "10.99.0.1/24", "dev", "eth0")
  ip("-n", worker, "link", "set", "eth0", "up")
  ip("-n", worker, "route", "add", "default", "via", privateAddress)
  ip("-n", beyond, "addr", "add", `${privateAddress}/24`, "dev", "eth0")
  ip("-n", beyond, "addr", "add", `${publicAddress}/32`, "dev", "lo")
  ip("-n", beyond, "link", "set", "eth0", "up")
  ip("-n", beyond, "route", "add", "default", "via", "10.99.0.1")
  within(worker, "sysctl", "-qw", "net.ipv4.ip_forward=1")
  // As the engine sets it up.
  within(worker, "iptables", "-N", "DOCKER-USER")
  within(worker, "iptables", "-A", "DOCKER-USER", "-j", "RETURN")
  within(worker, "iptables", "-I", "FORWARD", "-j", "DOCKER-USER")
  listen(worker, 2377)
  listen(container, 3000)
  for (const port of [25, 80]) listen(beyond, port)
  await until("the listeners", async () => {
    const all = [
      reaches(container, "172.30.0.1", 2377),
      reaches(container, privateAddress, 80),
      reaches(container, publicAddress, 80),
      reaches(container, publicAddress, 25),
      reaches(worker, "172.30.0.2", 3000),
    ]
    return (await Promise.all(all)).every(Boolean)
  })
})

afterAll(() => {
  for (const listener of listeners) listener.kill("SIGKILL")
  for (const name of [worker, container, beyond]) ip("netns", "delete", name)
})

describe("the packet filter", () => {
  const keepers = ruleSets({ nameservers: [], ownAddresses: [], overlayPort: 4789 }).map((rules) =>
    makeKeeper(rules, inside(worker)),
  )
  const assert = () => Effect.runPromise(Effect.all(keepers.map((keeper) => keeper.assert)))

  const expectApart = async () => {
    const looks = [
      reaches(container, "172.30.0.1", 2377),
      reaches(container, "10.99.0.1", 2377),
      reaches(container, privateAddress, 80),
      reaches(container, publicAddress, 25),
      reaches(container, publicAddress, 80),
      reaches(worker, "172.30.0.2", 3000),
    ]
    expect(await Promise.all(looks)).toEqual([false, false, false, false, true, true])
  }

  it("keeps a container from its worker and from private networks, and neither from public ones nor the worker from it", async () => {
    expect(await assert()).toEqual([true, true])
    await expectApart()
  })

  it("changes nothing while all is well", async () => {
    expect(await assert()).toEqual([false, false])
  })

  it.each([
    ["a chain was flushed", ["-F", "SKYPANEL-EGRESS"]],
    ["a jump was removed", ["-D", "INPUT", "-i", "docker_gwbridge", "-j", "SKYPANEL-INPUT"]],
    ["somebody's rule stands first", ["-I", "DOCKER-USER", "1", "-j", "ACCEPT"]],
    ["everything was flushed", ["-F"]],
  ])("is mended when %s", async (_, damage) => {
    within(worker, "iptables", ...damage)
    if (damage.length === 1) within(worker, "iptables", "-I", "FORWARD", "-j", "DOCKER-USER")
    expect(await assert()).toEqual([true, false])
    await expectApart()
    expect(await assert()).toEqual([false, false])
  })

  it("goes away without a trace", async () => {
    await Effect.runPromise(Effect.all(keepers.map((keeper) => keeper.remove)))
    for (const program of ["iptables", "ip6tables"])
      expect(within(worker, program, "-S")).not.toContain("SKYPANEL")
    expect(await reaches(container, privateAddress, 80)).toBe(true)
    await Effect.runPromise(Effect.all(keepers.map((keeper) => keeper.remove)))
  })
})
