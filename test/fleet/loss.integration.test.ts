import { beforeAll, describe, expect, it } from "vitest"
import { type FleetWorker, inFleet, startVisitor, useFleet } from "../lab/fleet.ts"
import { until } from "../lab/until.ts"

// What becomes of services whose worker is lost, or seems to be.

const fleet = useFleet()
const { service, view, deploy, homesOf, isIn, containersOf, starts, isAnswering, policy } = inFleet(fleet)

/** Where it runs, and a worker that it is not on, which visitors come by. */
const sceneOf = async (name: string) => {
  const { id, replicas } = await service(name)
  // What the test before moved may still be on its way: then it is on one worker more, or less, for a moment.
  const { homes, home, witness } = await until(`${name} to be settled`, async () => {
    const homes = await homesOf(name)
    const [home] = homes
    const witness = fleet().workers.find((worker) => !homes.includes(worker))
    if (home === undefined || witness === undefined || homes.length !== replicas) return null
    return { homes, home, witness }
  })
  await isAnswering(witness, name)
  return { id, home, homes, witness }
}
const runsOn = async (worker: FleetWorker, id: string) => (await containersOf(worker, id)).length
const isElsewhere = (name: string, home: FleetWorker) =>
  until(`${name} to be elsewhere`, async () => {
    const [now] = await homesOf(name)
    return now !== undefined && now !== home ? now : null
  })
const isGoneFrom = (home: FleetWorker, id: string, seconds: number) =>
  until("the old copy to be gone", async () => ((await runsOn(home, id)) === 0 ? true : null), seconds)

beforeAll(async () => {
  // Ten times within ten minutes: these tests lose workers more often than a fleet does.
  await policy({ flapping: { times: 20, withinMinutes: 10, forMinutes: 10 } })
  await deploy("web")
  await deploy("pair", { replicas: 2 })
}, 300_000)

describe("a worker that loses its power", () => {
  it("has its service running elsewhere within seconds, and nothing left of it when it is back", async () => {
    const { id, home, witness } = await sceneOf("web")
    const visitor = startVisitor(witness.proxy, "web-acme.localhost", 50)
    await home.powerOff()
    await isElsewhere("web", home)
    await isAnswering(witness, "web")
    expect((await visitor.stop()).longestGapMs).toBeLessThan(15_000)
    await home.powerOn()
    await isIn(home, "active")
    await isGoneFrom(home, id, 10)
    await until("one instance", async () => ((await homesOf("web")).length === 1 ? true : null), 10)
  }, 120_000)

  it("costs a service with a second instance next to nothing", async () => {
    const { homes, witness } = await sceneOf("pair")
    const visitor = startVisitor(witness.proxy, "pair-acme.localhost", 50)
    await homes[0]!.powerOff()
    await until("two instances again", async () => {
      const now = await homesOf("pair")
      return now.length === 2 && !now.includes(homes[0]!) ? true : null
    })
    const { failed, longestGapMs } = await visitor.stop()
    expect(failed).toEqual([])
    expect(longestGapMs).toBeLessThan(3_000)
    await homes[0]!.powerOn()
    await isIn(homes[0]!, "active")
  }, 120_000)
})

describe("a worker whose cable is out", () => {
  it("gets no request from then on, and loses its copy when it is back", async () => {
    const { id, home, witness } = await sceneOf("web")
    const [{ Id: old = "" } = {}] = await containersOf(home, id)
    await home.cut()
    await isElsewhere("web", home)
    await isAnswering(witness, "web")
    expect(await runsOn(home, id)).toBe(1)
    const visitor = startVisitor(witness.proxy, "web-acme.localhost", 20)
    await home.mend()
    await isIn(home, "active")
    await isGoneFrom(home, id, 10)
    const { answers, failed } = await visitor.stop()
    expect(failed).toEqual([])
    expect(Object.keys(answers)).not.toContain(old.slice(0, 12))
    expect(Object.keys(answers)).toHaveLength(1)
  }, 120_000)

  it("is no different when only the platform does not reach it", async () => {
    const { id, home, witness } = await sceneOf("web")
    await home.cutFrom(fleet().lab.address)
    await isElsewhere("web", home)
    await isAnswering(witness, "web")
    await home.mendTo(fleet().lab.address)
    await isIn(home, "active")
    await isGoneFrom(home, id, 10)
    await until("one instance", async () => ((await homesOf("web")).length === 1 ? true : null), 10)
  }, 120_000)

  it("takes nothing new while only its peers do not reach it, and nothing is moved", async () => {
    const { homes, witness } = await sceneOf("pair")
    const [home, other] = homes
    const before = await starts()
    const peers = [witness, other!].map(({ machine }) => machine.address)
    const visitor = startVisitor(witness.proxy, "pair-acme.localhost", 50)
    await home!.cutFrom(...peers)
    const { reason, takesNew } = await isIn(home!, "degraded")
    expect(reason).toMatch(/other workers cannot reach it/)
    expect(takesNew).toBe(false)
    await home!.mendTo(...peers)
    await isIn(home!, "active")
    expect((await visitor.stop()).failed).toEqual([])
    expect(await starts()).toEqual(before)
  }, 120_000)
})

describe("an agent that does not answer", () => {
  it("leaves its services where they are, and its proxy at work", async () => {
    const { home, witness } = await sceneOf("web")
    const before = await starts()
    const visitors = [home, witness].map(({ proxy }) => startVisitor(proxy, "web-acme.localhost", 50))
    home.agent.send("SIGSTOP")
    const { reason, takesNew } = await isIn(home, "degraded")
    expect(reason).toBe("Its agent does not answer; its services do.")
    expect(takesNew).toBe(false)
    home.agent.send("SIGCONT")
    await isIn(home, "active")
    await home.agent.end("SIGKILL")
    await isIn(home, "degraded")
    home.agent.start()
    await isIn(home, "active")
    for (const visitor of visitors) expect((await visitor.stop()).failed).toEqual([])
    expect(await starts()).toEqual(before)
  }, 120_000)
})

describe("an engine that is killed while the agent lives", () => {
  it("costs a service with a second instance no request, and has its instance back", async () => {
    const { homes, witness } = await sceneOf("pair")
    const visitor = startVisitor(witness.proxy, "pair-acme.localhost", 20)
    await homes[0]!.restartEngine()
    await until(
      "both instances to be well",
      async () => ((await homesOf("pair")).length === 2 ? true : null),
      20,
    )
    await isIn(homes[0]!, "active")
    const { failed } = await visitor.stop()
    expect(failed).toEqual([])
  }, 120_000)
})

describe("a worker that comes and goes every 20 seconds", () => {
  it("is kept out for a while, and its service is moved once", async () => {
    await policy({ flapping: { times: 3, withinMinutes: 10, forMinutes: 1 } })
    const { home } = await sceneOf("web")
    for (let round = 0; round < 3; round++) {
      await home.cut()
      await new Promise((resolve) => setTimeout(resolve, 10_000))
      await home.mend()
      await new Promise((resolve) => setTimeout(resolve, 10_000))
    }
    await isIn(home, "quarantined")
    expect((await view(home.name)).takesNew).toBe(false)
    expect(await homesOf("web")).not.toContain(home)
    await isIn(home, "active", 90)
  }, 240_000)
})
