import { type ChildProcess, spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { Agent } from "node:http"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { addAddress, type LabNetwork, makeNetwork, setCable } from "../../../test/lab/network.ts"
import { until } from "../../test/containers.ts"
import { type Answer, type Asking, askPort, freePort, temporaryFolder, workerId } from "../../test/edge.ts"
import { startEdge, type TestEdge } from "../../test/fleet.ts"
import { startInstance } from "../../test/program.ts"
import { routingTo } from "../../test/proxy.ts"
import { files } from "./files.ts"
import { textOf } from "./mapChange.ts"
import { installConfig, prepareFolder } from "./Proxy.ts"
import { peerEntries } from "./peerEntries.ts"
import { proxyConfig } from "./proxyConfig.ts"
import { defaultLimits } from "./proxySettings.ts"

const host = "a.localhost"
const secret = "the-secret-of-this-fleet"
const scope = Effect.runSync(Scope.make())
const { folder, remove } = temporaryFolder()
const ends: Array<() => unknown> = []
let network: LabNetwork
let edge: TestEdge

const run = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices | Scope.Scope>) =>
  Effect.runPromise(effect.pipe((own) => Scope.provide(own, scope), Effect.provide(NodeServices.layer)))

/** A worker in a network of its own: one instance, and a proxy that leads to it and knows the secret. */
const startWorker = async (n: number, name: string) => {
  const { namespace, address } = await run(addAddress(network, n - 1))
  const inside = ["ip", "netns", "exec", namespace]
  const instance = await startInstance(name, inside)
  const own = temporaryFolder()
  const routing = routingTo({ [host]: instance.port })
  const [set] = routing.sets.values()
  await run(prepareFolder(own.folder))
  await run(installConfig(own.folder, proxyConfig({ ...defaultLimits, bind: address, port: 80, user: null })))
  const write = (map: string, entries: ReadonlyMap<string, string>) =>
    writeFileSync(join(own.folder, map), textOf(entries))
  write(files.routes, routing.hosts)
  write(files.instances, new Map([[`${set!.name}/0`, set!.instances[0]!]]))
  write(
    files.peers,
    peerEntries({ workerId: workerId(n), platformIsLost: false, sent: secret, accepted: [secret] }),
  )
  const proxy: ChildProcess = spawn("ip", [...inside.slice(1), "haproxy", "-db", "-f", files.config], {
    cwd: own.folder,
    stdio: "ignore",
  })
  ends.push(instance.kill, () => proxy.kill("SIGKILL"), own.remove)
  return `${address}:80`
}

const ask = (options: Asking = {}) => askPort(edge.port, host, options)
const timed = async (asking: Asking) => {
  const began = performance.now()
  const answer = await ask(asking).catch(String)
  return { answer, ms: performance.now() - began }
}
const names = async () =>
  new Set((await Promise.all(Array.from({ length: 30 }, () => ask()))).map(({ text }) => text))

beforeAll(async () => {
  network = await run(makeNetwork)
  const addresses = { 1: await startWorker(1, "one"), 2: await startWorker(2, "two") }
  edge = await startEdge(folder, await freePort(), { roles: ["ingress"] })
  await edge.meet(addresses, secret)
  await edge.route({ [host]: { peers: [1, 2] } })
})
afterAll(async () => {
  await edge.stop()
  for (const end of ends) await end()
  await Effect.runPromise(Scope.close(scope, Exit.void))
  remove()
})

describe("a worker that loses its power", () => {
  it("costs a visitor about a second, and no request", async () => {
    const deadline = performance.now() + 10_000
    while ((await names()).size < 2) if (performance.now() > deadline) throw new Error("not both answer")
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const answers: Array<{ answer: Answer | string; ms: number }> = []
    let done = false
    const load = (asking: Asking) =>
      (async () => {
        while (!done) answers.push(await timed(asking))
      })()
    const loads = [{ agent }, { agent }, { agent }, {}].map(load)
    await until("some answers", () => answers.length > 200 || undefined)
    const waiting = Array.from({ length: 16 }, () => timed({ path: "/slow" }))
    await until("those to be on their way", () => (answers.length > 400 ? true : undefined))
    await run(setCable(network, 0, "down"))
    // Before this worker has noticed, what cannot be sent twice is sent where a connection can be made.
    for (let n = 0; n < 4; n++) answers.push(await timed({ method: "POST", body: "once" }))
    await until("the peer to be missed", () => edge.unreachable().length > 0 || undefined)
    done = true
    await Promise.all(loads)
    agent.destroy()
    expect(answers.filter(({ answer }) => typeof answer === "string" || answer.status !== 200)).toEqual([])
    const late = await Promise.all(waiting)
    expect(late.filter(({ answer }) => typeof answer === "string" || answer.status !== 200)).toEqual([])
    // Some had been taken by the one that is away now.
    expect(late.some(({ ms }) => ms > 8_000)).toBe(true)
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(2_500)
    expect(await names()).toEqual(new Set(["two"]))
  }, 60_000)

  it("gets requests again when it is back", async () => {
    await run(setCable(network, 0, "up"))
    await until("the peer to answer", () => edge.unreachable().length === 0 || undefined)
    const deadline = performance.now() + 5_000
    while ((await names()).size < 2) if (performance.now() > deadline) throw new Error("not both answer")
  }, 60_000)
})
