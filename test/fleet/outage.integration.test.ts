import { beforeAll, describe, expect, it } from "vitest"
import { inFleet, startVisitor, useFleet } from "../lab/fleet.ts"
import { until } from "../lab/until.ts"

// The platform, the cluster's manager or half of the fleet is away: nobody's containers may notice.

const fleet = useFleet()
const { deploy, homesOf, isIn, starts, isAnswering, told } = inFleet(fleet)

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000))
const brake = async () => (await fleet().api("GET", "/fleet")).body.brake
const everybodyIsIn = async (state: string, limit = 60) => {
  for (const worker of fleet().workers) await isIn(worker, state, limit)
}

beforeAll(async () => {
  await deploy("web")
  await deploy("pair", { replicas: 2 })
  for (const worker of fleet().workers) await isAnswering(worker, "pair")
}, 300_000)

/** Visitors of both services by every worker's proxy, from within the lab. */
const visit = () =>
  fleet().workers.flatMap((worker) =>
    ["web", "pair"].map((name) => startVisitor(worker.proxy, `${name}-acme.localhost`, 200, worker.machine)),
  )
const failures = async (visitors: ReturnType<typeof visit>) =>
  (await Promise.all(visitors.map((visitor) => visitor.stop()))).flatMap(({ failed }) => failed)

describe("a control plane that is cut off for a minute, the cluster's manager with it", () => {
  it("restarts nobody's container, and loses no request", async () => {
    const before = await starts()
    const visitors = visit()
    const { manager } = fleet()
    await fleet().cutManager()
    await fleet().cutPlatform()
    await seconds(60)
    await fleet().mendPlatform()
    await fleet().mendManager()
    await everybodyIsIn("active")
    expect(await failures(visitors)).toEqual([])
    await until("all nodes to be ready", async () => {
      const nodes = (await manager.docker.listNodes()) as ReadonlyArray<{ Status: { State: string } }>
      return nodes.every(({ Status }) => Status.State === "ready") ? true : null
    })
    expect(await starts()).toEqual(before)
  }, 180_000)
})

describe("a platform that is down", () => {
  it("changes nothing for services, also when agents start anew meanwhile, and agrees with them when it is back", async () => {
    const before = await starts()
    const visitors = visit()
    await fleet().platform.end("SIGKILL")
    const [first] = fleet().workers
    await first!.agent.end("SIGTERM")
    first!.agent.start()
    await seconds(20)
    fleet().platform.start()
    await fleet().isReady()
    await everybodyIsIn("active")
    expect(await failures(visitors)).toEqual([])
    expect(await starts()).toEqual(before)
    expect(await homesOf("pair")).toHaveLength(2)
  }, 180_000)
})

describe("half of the fleet or more that is silent at once", () => {
  it("is a case for people: nothing is moved, and all of it is there again afterwards", async () => {
    const before = await starts()
    const [first, second] = fleet().workers
    await first!.cut()
    await second!.cut()
    await until("the brake", async () => ((await brake()) === null ? null : true))
    await until("it to be told", async () => {
      const titles = await told()
      return titles.includes("2 of 3 workers are silent: nothing is moved") ? true : null
    })
    // Long enough for what would be moved to be moved.
    await seconds(10)
    await first!.mend()
    await second!.mend()
    await until("the brake to be let go", async () => ((await brake()) === null ? true : null))
    await everybodyIsIn("active")
    expect(await starts()).toEqual(before)
    expect(await homesOf("pair")).toHaveLength(2)
  }, 180_000)

  it("is no different with every worker of it", async () => {
    const before = await starts()
    for (const worker of fleet().workers) await worker.cut()
    await until("the brake", async () => ((await brake())?.silent === 3 ? true : null))
    for (const worker of fleet().workers) await worker.mend()
    await everybodyIsIn("active")
    expect(await starts()).toEqual(before)
    for (const worker of fleet().workers) await isAnswering(worker, "web")
  }, 180_000)
})
