import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { promisify } from "node:util"
import { NodeServices } from "@effect/platform-node"
import type { Desired } from "@skypanel/contract/AgentProtocol"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runningProcesses, signal } from "../../../dev/processes.ts"
import { addAddress, type LabAddress, type LabNetwork, makeNetwork } from "../../../test/lab/network.ts"
import { TestProgram } from "../../../test/lab/TestProgram.ts"
import { until } from "../../../test/lab/until.ts"
import { temporaryFolder } from "../../test/edge.ts"
import { startChannel } from "../../test/platform.ts"
import { nothing } from "../desired/DesiredState.ts"
import { bootRulesFile } from "./bootRules.ts"

// The whole agent in a network of its own, and what reaches its machine from another one: this one. It has no engine:
// the rules do not wait for it.

const scope = Effect.runSync(Scope.make())
const { folder, remove } = temporaryFolder()
const member = "10.98.0.7"
let network: LabNetwork
let worker: LabAddress
let channel: Awaited<ReturnType<typeof startChannel>>
let agent: TestProgram
let firewall = "auto"
let generation = 1
const listeners: Array<ChildProcess> = []

const run = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices | Scope.Scope>) =>
  Effect.runPromise(effect.pipe((own) => Scope.provide(own, scope), Effect.provide(NodeServices.layer)))
const inside = (command: string, ...args: Array<string>) =>
  ["nsenter", [`--net=/run/netns/${worker.namespace}`, "--", command, ...args]] as const
const within = (command: string, ...args: Array<string>) =>
  execFileSync(...inside(command, ...args), { encoding: "utf8", stdio: "pipe" })
const printed = () => within("iptables", "-w", "5", "-t", "mangle", "-S")
const reaches = (port: number) =>
  promisify(execFile)("socat", ["-u", "/dev/null", `TCP4:${worker.address}:${port},connect-timeout=1`]).then(
    () => true,
    () => false,
  )
const becomes = (what: string, is: () => boolean | Promise<boolean>) =>
  until(what, async () => ((await is()) ? true : null)).catch((error: Error) => {
    throw new Error(`${error.message}\n${agent.tail()}`)
  })
const tell = (change: Partial<Desired>) => {
  generation += 1
  channel.connections.at(-1)!.send({ ...nothing, generation, ...change })
}
const connected = (before: number) =>
  becomes("the agent's connection", () => (channel.connections[before]?.said.length ?? 0) > 0)

beforeAll(async () => {
  network = await run(makeNetwork)
  worker = await run(addAddress(network, 0))
  channel = await startChannel(0, network.address)
  await channel.identity(folder)
  for (const port of [22, 2377, 7946])
    listeners.push(
      spawn(...inside("socat", `TCP4-LISTEN:${port},fork,reuseaddr`, "PIPE"), { stdio: "ignore" }),
    )
  agent = new TestProgram(
    "agent",
    "agent/src/main.ts",
    () => ({
      SKYPANEL_CONTROL_PLANE: channel.url.href,
      SKYPANEL_DATA: folder,
      SKYPANEL_DOCKER_SOCKET: `${folder}/no-engine.sock`,
      SKYPANEL_WORKER_ROLES: "services",
      SKYPANEL_ENDPOINT_BIND: worker.address,
      SKYPANEL_ENDPOINT_PORT: "80",
      SKYPANEL_FIREWALL: firewall,
      SKYPANEL_ORIGIN: "nixos",
    }),
    `${folder}/agent.log`,
    inside,
  )
  await becomes("the listeners", async () =>
    (await Promise.all([22, 2377, 7946].map(reaches))).every(Boolean),
  )
  agent.start()
  await connected(0)
}, 60_000)
afterAll(async () => {
  await agent?.end("SIGTERM")
  for (const listener of listeners) listener.kill("SIGKILL")
  // The proxy outlives its agent.
  for (const { directory, pid } of runningProcesses())
    if (directory.startsWith(folder)) signal(pid, "SIGKILL")
  await channel?.stop()
  await Effect.runPromise(Scope.close(scope, Exit.void))
  remove()
}, 60_000)

describe("a worker's ports of the cluster", () => {
  it("are as open as they were until the platform has said whose they are; the worker says its own addresses", async () => {
    await becomes("the rules", () => printed().includes("-A INPUT -i docker_gwbridge -j SKYPANEL-INPUT"))
    expect(await Promise.all([22, 2377, 7946].map(reaches))).toEqual([true, true, true])
    const hello = channel.connections[0]!.said.find(({ _tag }) => _tag === "hello")
    expect(hello).toMatchObject({ addresses: [worker.address] })
  })

  it("are closed to a stranger, and to nobody else, once it has", async () => {
    tell({ clusterAddresses: [member, worker.address] })
    await becomes("the port to be closed", async () => !(await reaches(7946)))
    expect(await Promise.all([22, 2377].map(reaches))).toEqual([true, false])
    expect(printed()).toContain(`-A SKYPANEL-CLUSTER -s ${member}/32 -j RETURN`)
  }, 30_000)

  it("are open to a machine that joins, seconds after the platform has told of it", async () => {
    const began = performance.now()
    tell({ clusterAddresses: [member, worker.address, network.address] })
    await becomes("the port to be open", () => reaches(7946))
    expect(performance.now() - began).toBeLessThan(5_000)
    tell({ clusterAddresses: [member, worker.address] })
    await becomes("the port to be closed", async () => !(await reaches(7946)))
  }, 30_000)

  it("are for those of before while an agent that starts does not hear the platform", async () => {
    channel.refuse(true)
    await agent.end("SIGKILL")
    within("iptables", "-w", "5", "-t", "mangle", "-F")
    expect(await reaches(7946)).toBe(true)
    agent.start()
    await becomes("the port to be closed", async () => !(await reaches(7946)))
    expect(printed()).toContain(`-A SKYPANEL-CLUSTER -s ${member}/32 -j RETURN`)
  }, 30_000)

  it("are open again when the platform does not know any more whose they are", async () => {
    const before = channel.connections.length
    channel.refuse(false)
    await connected(before)
    tell({ clusterAddresses: [] })
    await becomes("the port to be open", () => reaches(7946))
    expect(printed()).not.toContain("SKYPANEL-CLUSTER")
  }, 60_000)
})

describe("a worker that is to keep nobody apart any more", () => {
  it("keeps no rules for its next start either", async () => {
    expect(existsSync(bootRulesFile(folder, "iptables"))).toBe(true)
    const before = channel.connections.length
    await agent.end("SIGTERM")
    firewall = "off"
    agent.start()
    await connected(before)
    expect(existsSync(bootRulesFile(folder, "iptables"))).toBe(false)
  }, 60_000)
})
