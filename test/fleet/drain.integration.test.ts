import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { inFleet, startVisitor, useFleet } from "../lab/fleet.ts"
import { until } from "../lab/until.ts"

// A worker is emptied on purpose, while visitors come all the time.

const fleet = useFleet()
const { service, view, deploy, homesOf, isIn, containersOf, starts, isAnswering } = inFleet(fleet)
const run = promisify(execFile)
const order = (worker: { name: string }, what: string, body: object = {}) =>
  fleet().api("POST", `/workers/${worker.name}/${what}`, body)

beforeAll(async () => {
  await deploy("web")
  for (const worker of fleet().workers) await isAnswering(worker, "web")
}, 300_000)

/** A visitor at each worker's proxy: one hundred requests a second in all. */
const visitors = () => fleet().workers.map(({ proxy }) => startVisitor(proxy, "web-acme.localhost", 30))

describe("a drain", () => {
  it("of the only instance fails no request, and can be undone", async () => {
    const { id } = await service("web")
    const [home] = await homesOf("web")
    const all = visitors()
    expect((await order(home!, "drain")).status).toBe(202)
    await isIn(home!, "drained")
    expect(await containersOf(home!, id)).toEqual([])
    const visits = await Promise.all(all.map((visitor) => visitor.stop()))
    expect(visits.flatMap(({ failed }) => failed)).toEqual([])
    for (const { answers } of visits) expect(Object.keys(answers).length).toBeGreaterThan(1)
    expect((await order(home!, "undrain")).status).toBe(202)
    expect(await isIn(home!, "active")).toMatchObject({ takesNew: true, drain: null })
  }, 120_000)
})

describe("a bad line", () => {
  it("that loses every fifth packet makes a worker come and go no more than once", async () => {
    const [home] = await homesOf("web")
    const rule = ["-i", "eth0", "-m", "statistic", "--mode", "random", "--probability", "0.2", "-j", "DROP"]
    const iptables = (what: string) =>
      run(...home!.machine.inside("iptables", "-t", "raw", what, "PREROUTING", ...rule))
    await iptables("-A")
    onTestFinished(async () => void (await iptables("-D").catch(() => undefined)))
    await new Promise((resolve) => setTimeout(resolve, 30_000))
    await iptables("-D")
    await isIn(home!, "active")
    await until("one instance", async () => ((await homesOf("web")).length === 1 ? true : null))
    const { body } = await fleet().api("GET", `/workers/${home!.name}/events`)
    const lost = body.filter(({ action }: { action: string }) => action === "worker.lost")
    expect(lost.length).toBeLessThan(2)
    await isAnswering(home!, "web")
  }, 120_000)
})

describe("a removal", () => {
  it("empties the worker, takes it out of the cluster and ends its identity, and no request fails", async () => {
    const [home] = await homesOf("web")
    const others = fleet().workers.filter((worker) => worker !== home)
    const all = others.map(({ proxy }) => startVisitor(proxy, "web-acme.localhost", 30))
    expect((await fleet().api("DELETE", `/workers/${home!.name}`)).status).toBe(202)
    await isIn(home!, "removed")
    const visits = await Promise.all(all.map((visitor) => visitor.stop()))
    expect(visits.flatMap(({ failed }) => failed)).toEqual([])
    await until("its engine to have left", async () => {
      const { Swarm } = (await home!.machine.docker.info()) as { Swarm: { LocalNodeState: string } }
      return Swarm.LocalNodeState === "inactive" ? true : null
    })
    await until("its agent to be refused", async () =>
      home!.agent.tail().includes("This worker was removed") ? true : null,
    )
    const { body } = await fleet().api("GET", "/workers")
    expect(body.map(({ name }: { name: string }) => name)).not.toContain(home!.name)
    expect(await view(home!.name)).toMatchObject({ state: "removed" })
    const before = await starts()
    home!.agent.end("SIGTERM")
    for (const worker of others) await isAnswering(worker, "web")
    expect(await starts()).toEqual(before)
  }, 120_000)
})
