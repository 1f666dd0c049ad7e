import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { admin, type Scene, startScene } from "../../test/fleetScene.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { Judge } from "./Judge.ts"
import { moveServices, readmitWorker } from "./requests/rescue.ts"

/** What becomes of workers that are lost, and of what runs there: real time, scripted workers. */

const postgres = usePostgres()
let scene: Scene
let workers: ReadonlyArray<ScriptedWorker>
beforeEach(async () => {
  scene = await startScene(await postgres().database(), 4)
  workers = scene.workers
}, 60_000)
afterEach(() => scene.stop(), 60_000)

describe("a worker that lost its power", () => {
  it("gets no traffic within seconds, and what ran there is started elsewhere", async () => {
    const home = await scene.deploy("web")
    const other = workers.find((worker) => worker !== home)!
    await until("its route", async () => (scene.routedTo("web", other).includes(home.id) ? true : null))
    const began = performance.now()
    await home.powerOff()
    await scene.isIn(home, "suspect")
    expect(performance.now() - began).toBeLessThan(6_000)
    await until("the route to be gone", async () =>
      scene.routedTo("web", other).includes(home.id) ? null : true,
    )
    const next = await until("web elsewhere", async () => {
      const found = await scene.homeOf("web")
      return found !== undefined && found !== home ? found : null
    })
    await scene.isLive("web")
    const [viewer] = workers.filter((worker) => worker !== home && worker !== next)
    await until("the new route", async () => (scene.routedTo("web", viewer!).includes(next.id) ? true : null))
    expect(scene.told("worker-lost")).toEqual([`${home.name} is suspect`])
    expect((await scene.placements("web")).map(({ reason }) => reason)).toEqual(["deployment", "failover"])
  })

  it("is active again by itself when it is back, without what it had", async () => {
    const home = await scene.deploy("web")
    await home.cutOff()
    await until("web elsewhere", async () => ((await scene.homeOf("web")) === home ? null : true))
    const old = home.runs()
    expect(old).toHaveLength(1)
    await home.powerOn()
    await scene.isIn(home, "active")
    await until("its old copy to be ordered away or gone", async () =>
      home.desired?.ended.includes(old[0] as never) || !home.runs().includes(old[0]!) ? true : null,
    )
    await until("its old copy to be gone", async () => (home.runs().length === 0 ? true : null))
    await until("that to be known", async () => (home.desired?.ended.length === 0 ? true : null))
    expect(scene.told("worker-back")).toEqual([`${home.name} is back`])
    expect(await scene.service("web")).toMatchObject({ state: "live" })
  })

  it("keeps what runs there when it is back before a new copy is healthy", async () => {
    const home = await scene.deploy("web")
    for (const worker of workers)
      if (worker !== home)
        worker.script = { ...worker.script, container: (one) => ({ ...one, healthy: false }) }
    await home.cutOff()
    await until("a new copy", async () => ((await scene.placements("web")).length === 2 ? true : null))
    await home.powerOn()
    await until("the new copy to be given up", async () =>
      (await scene.placements("web")).map(({ state }) => state).join() === "serving,ended" ? true : null,
    )
    expect(await scene.homeOf("web")).toBe(home)
    expect(await scene.service("web")).toMatchObject({ state: "live" })
  })

  it("is unhealthy after its time, and counts no more than once", async () => {
    await scene.policy({ unhealthyAfterSeconds: 10 })
    const [lost] = workers
    await lost!.powerOff()
    await scene.isIn(lost!, "unhealthy")
    expect(scene.told("worker-lost")).toEqual([`${lost!.name} is suspect`, `${lost!.name} is unhealthy`])
  }, 40_000)
})

describe("a worker whose agent hangs while its proxy answers", () => {
  it("keeps its traffic and its services, and gets nothing new", async () => {
    const home = await scene.deploy("web")
    home.hang()
    expect(await scene.isIn(home, "degraded")).toMatchObject({
      reason: "Its agent does not answer; its services do.",
      takesNew: false,
    })
    await scene.deploy("other")
    expect(await scene.homeOf("other")).not.toBe(home)
    expect((await scene.placements("web")).map(({ state }) => state)).toEqual(["serving"])
    expect(await scene.service("web")).toMatchObject({ state: "live" })
    home.wake()
    await scene.isIn(home, "active")
  })
})

describe("a worker that says that something is wrong with it", () => {
  it("keeps what it has, and gets nothing new until it is mended", async () => {
    const home = await scene.deploy("web")
    home.problems = [{ part: "firewall", text: "containers are not kept apart: the rules are gone" }]
    expect(await scene.isIn(home, "degraded")).toMatchObject({
      reason: "Containers are not kept apart: the rules are gone.",
    })
    expect(await scene.service("web")).toMatchObject({ state: "live" })
    expect(scene.told("worker-degraded")).toEqual([`${home.name} takes nothing new`])
    home.problems = []
    await scene.isIn(home, "active")
  })

  it("is told of a clock that is two hours off, which changes nothing", async () => {
    const home = await scene.deploy("web")
    home.clockAheadMs = 2 * 60 * 60_000
    await until("the words", async () =>
      (await scene.view(home)).reason === "Its clock is 2 hours ahead." ? true : null,
    )
    expect(await scene.view(home)).toMatchObject({ state: "active", takesNew: true })
  })
})

describe("half of the fleet at once", () => {
  it("moves nothing, tells it once, and moves when an administrator says so", async () => {
    const homes = new Set<ScriptedWorker>()
    for (const name of ["a", "b", "c", "d"]) homes.add(await scene.deploy(name))
    expect(homes.size).toBe(4)
    const [one, two] = workers
    await Promise.all([one!.cutOff(), two!.cutOff()])
    await scene.isIn(one!, "suspect")
    await scene.isIn(two!, "suspect")
    const judge = await scene.run(Judge)
    expect(judge.brake()).toMatchObject({ silent: 2, of: 4 })
    expect(scene.told("brake")).toEqual(["2 of 4 workers are silent: nothing is moved"])
    await until("several looks", async () => null, 3).catch(() => undefined)
    for (const name of ["a", "b", "c", "d"]) expect(await scene.placements(name)).toHaveLength(1)

    const refused = await scene.run(moveServices(one!.name, false, admin).pipe(Effect.flip))
    expect(refused).toMatchObject({ _tag: "NotPossibleNow" })
    await scene.run(moveServices(one!.name, true, admin))
    await until("what ran there to be elsewhere", async () => {
      const all = await Promise.all(["a", "b", "c", "d"].map(scene.placements))
      return all.flat().some(({ reason }) => reason === "failover") ? true : null
    })
    await two!.powerOn()
    await one!.powerOn()
    await scene.isIn(two!, "active")
    await until("the brake to be released", async () => (judge.brake() === null ? true : null))
    for (const name of ["a", "b", "c", "d"]) await scene.isLive(name)
  }, 60_000)

  it("all of it: nothing is moved, and everything is as it was when they are back", async () => {
    const home = await scene.deploy("web")
    await Promise.all(workers.map((worker) => worker.cutOff()))
    await scene.isIn(home, "suspect")
    await Promise.all(workers.map((worker) => worker.powerOn()))
    for (const worker of workers) await scene.isIn(worker, "active")
    expect((await scene.placements("web")).map(({ state }) => state)).toEqual(["serving"])
    expect(await scene.homeOf("web")).toBe(home)
  })
})

describe("the policy", () => {
  it("by hand: services wait for an administrator", async () => {
    await scene.policy({ failover: { kind: "by-hand" } })
    const home = await scene.deploy("web")
    await home.powerOff()
    await scene.isIn(home, "suspect")
    await until("several looks", async () => null, 3).catch(() => undefined)
    expect(await scene.placements("web")).toHaveLength(1)
    expect(await scene.service("web")).toMatchObject({ state: "degraded" })
    await scene.run(moveServices(home.name, false, admin))
    await until("web elsewhere", async () => {
      const next = await scene.homeOf("web")
      return next !== undefined && next !== home ? true : null
    })
  })
})

describe("a worker that comes and goes", () => {
  it("is kept out for a while after some times, and let in by an administrator", async () => {
    await scene.policy({ flapping: { times: 2, withinMinutes: 10, forMinutes: 10 } })
    const [flapping] = workers
    for (let time = 0; time < 2; time++) {
      await flapping!.cutOff()
      await scene.isIn(flapping!, "suspect")
      await flapping!.powerOn()
      await until("it to be heard", async () =>
        (await scene.view(flapping!)).state === "suspect" ? null : true,
      )
    }
    expect(await scene.isIn(flapping!, "quarantined")).toMatchObject({ takesNew: false })
    await scene.deploy("web")
    expect(await scene.homeOf("web")).not.toBe(flapping)
    await scene.run(readmitWorker(flapping!.name, admin))
    await scene.isIn(flapping!, "active")
  })
})

describe("a service with several instances", () => {
  it("has them on different workers, and loses only the one of a worker that is lost", async () => {
    await scene.deploy("web", { replicas: 3 })
    const homes = await scene.homesOf("web")
    expect(new Set(homes).size).toBe(3)
    await homes[0]!.powerOff()
    await scene.isIn(homes[0]!, "suspect")
    await until("three again", async () => {
      const now = await scene.homesOf("web")
      return now.length === 3 && !now.includes(homes[0]!) ? true : null
    })
    const all = await scene.placements("web")
    expect(all.filter(({ reason }) => reason === "failover")).toHaveLength(1)
  })
})

describe("a service with a volume that shall wait for its data", () => {
  it("is started nowhere else, and is back when its worker is", async () => {
    const volume = { path: "/data", sizeBytes: 2 ** 26, whenWorkerIsLost: "wait" }
    const home = await scene.deploy("db", { volume })
    expect(home.desired?.volumes).toMatchObject([{ sizeBytes: 2 ** 26 }])
    await home.cutOff()
    await scene.isIn(home, "suspect")
    await until("several looks", async () => null, 3).catch(() => undefined)
    expect(await scene.placements("db")).toHaveLength(1)
    await home.powerOn()
    await scene.isLive("db")
    expect(await scene.homeOf("db")).toBe(home)
  })
})
