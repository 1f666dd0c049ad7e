import { defaultFleetPolicy, type FleetPolicy } from "@skypanel/contract/Fleet"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { startScriptedFleet } from "../../test/scriptedFleet.ts"
import { createService } from "../deploy/requests/create.ts"
import { newOrganizationId } from "../domain/id.ts"
import { saveFleetPolicy } from "../store/FleetPolicies.ts"
import { findService } from "../store/ServiceViews.ts"
import { viewWorker } from "../store/WorkerViews.ts"
import { Judge } from "./Judge.ts"
import { moveServices, readmitWorker } from "./requests/rescue.ts"

/** What becomes of workers that are lost, and of what runs there: real time, scripted workers. */

const postgres = usePostgres()
const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const source = { _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" } as const
const admin = "ada@example.com"

let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
let workers: ReadonlyArray<ScriptedWorker>
let looking: ReturnType<typeof setInterval>

beforeEach(async () => {
  fleet = await startScriptedFleet(await postgres().database())
  workers = [
    await fleet.addWorker(),
    await fleet.addWorker(),
    await fleet.addWorker(),
    await fleet.addWorker(),
  ]
  for (const worker of workers) await isIn(worker, "active")
  await policy({})
  // Containers come and go at the orchestrator; workers see that soon.
  looking = setInterval(() => void fleet.observe().catch(() => undefined), 200)
}, 60_000)
afterEach(async () => {
  clearInterval(looking)
  await fleet.stop()
}, 60_000)

const policy = (change: Partial<FleetPolicy>) =>
  fleet.run(saveFleetPolicy({ ...defaultFleetPolicy, suspectAfterSeconds: 3, ...change }, admin))
const view = async ({ name }: ScriptedWorker) => (await fleet.run(viewWorker(name, () => [])))!
const isIn = (worker: ScriptedWorker, state: string, seconds = 20) =>
  until(
    `${worker.name} to be ${state}`,
    async () => {
      const now = await view(worker)
      return now.state === state ? now : null
    },
    seconds,
  )
const service = async (name: string) => (await fleet.run(findService(organization.id, name)))!
const isLive = (name: string) =>
  until(`${name} to be live`, async () => ((await service(name)).state === "live" ? true : null))
const deploy = async (name: string, more = {}) => {
  await fleet.run(createService(organization, admin, { name, source, ...more }))
  await isLive(name)
  return homeOf(name)
}
/** The workers that its healthy instances are on. */
const homesOf = async (name: string) =>
  (await service(name)).instances
    .filter(({ healthy }) => healthy)
    .map((instance) => workers.find((worker) => worker.name === instance.worker)!)
const homeOf = async (name: string) => (await homesOf(name))[0]!
const routedTo = (host: string, seenBy: ScriptedWorker) =>
  seenBy.desired?.routes.find((route) => route.host.startsWith(host))?.peers ?? []
const placements = (name: string) =>
  fleet.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ state: string; reason: string; worker_id: string }>`
        select p.state, p.reason, p.worker_id from placement p join service s on s.id = p.service_id
        where s.name = ${name} order by p.created_at`,
    ),
  )
const told = (kind: string) => fleet.told.filter((one) => one.kind === kind).map(({ title }) => title)

describe("a worker that lost its power", () => {
  it("gets no traffic within seconds, and what ran there is started elsewhere", async () => {
    const home = await deploy("web")
    const other = workers.find((worker) => worker !== home)!
    await until("its route", async () => (routedTo("web", other).includes(home.id) ? true : null))
    const began = performance.now()
    await home.powerOff()
    await isIn(home, "suspect")
    expect(performance.now() - began).toBeLessThan(6_000)
    await until("the route to be gone", async () => (routedTo("web", other).includes(home.id) ? null : true))
    const next = await until("web elsewhere", async () => {
      const found = await homeOf("web")
      return found !== undefined && found !== home ? found : null
    })
    await isLive("web")
    const [viewer] = workers.filter((worker) => worker !== home && worker !== next)
    await until("the new route", async () => (routedTo("web", viewer!).includes(next.id) ? true : null))
    expect(told("worker-lost")).toEqual([`${home.name} is suspect`])
    expect((await placements("web")).map(({ reason }) => reason)).toEqual(["deployment", "failover"])
  })

  it("is active again by itself when it is back, without what it had", async () => {
    const home = await deploy("web")
    await home.cutOff()
    await until("web elsewhere", async () => ((await homeOf("web")) === home ? null : true))
    const old = home.runs()
    expect(old).toHaveLength(1)
    await home.powerOn()
    await isIn(home, "active")
    await until("its old copy to be ordered away or gone", async () =>
      home.desired?.ended.includes(old[0] as never) || !home.runs().includes(old[0]!) ? true : null,
    )
    await until("its old copy to be gone", async () => (home.runs().length === 0 ? true : null))
    await until("that to be known", async () => (home.desired?.ended.length === 0 ? true : null))
    expect(told("worker-back")).toEqual([`${home.name} is back`])
    expect(await service("web")).toMatchObject({ state: "live" })
  })

  it("keeps what runs there when it is back before a new copy is healthy", async () => {
    const home = await deploy("web")
    for (const worker of workers)
      if (worker !== home)
        worker.script = { ...worker.script, container: (one) => ({ ...one, healthy: false }) }
    await home.cutOff()
    await until("a new copy", async () => ((await placements("web")).length === 2 ? true : null))
    await home.powerOn()
    await until("the new copy to be given up", async () =>
      (await placements("web")).map(({ state }) => state).join() === "serving,ended" ? true : null,
    )
    expect(await homeOf("web")).toBe(home)
    expect(await service("web")).toMatchObject({ state: "live" })
  })

  it("is unhealthy after its time, and counts no more than once", async () => {
    await policy({ unhealthyAfterSeconds: 10 })
    const [lost] = workers
    await lost!.powerOff()
    await isIn(lost!, "unhealthy")
    expect(told("worker-lost")).toEqual([`${lost!.name} is suspect`, `${lost!.name} is unhealthy`])
  }, 40_000)
})

describe("a worker whose agent hangs while its proxy answers", () => {
  it("keeps its traffic and its services, and gets nothing new", async () => {
    const home = await deploy("web")
    home.hang()
    expect(await isIn(home, "degraded")).toMatchObject({
      reason: "Its agent does not answer; its services do.",
      takesNew: false,
    })
    await deploy("other")
    expect(await homeOf("other")).not.toBe(home)
    expect((await placements("web")).map(({ state }) => state)).toEqual(["serving"])
    expect(await service("web")).toMatchObject({ state: "live" })
    home.wake()
    await isIn(home, "active")
  })
})

describe("a worker that says that something is wrong with it", () => {
  it("keeps what it has, and gets nothing new until it is mended", async () => {
    const home = await deploy("web")
    home.problems = [{ part: "firewall", text: "containers are not kept apart: the rules are gone" }]
    expect(await isIn(home, "degraded")).toMatchObject({
      reason: "Containers are not kept apart: the rules are gone.",
    })
    expect(await service("web")).toMatchObject({ state: "live" })
    expect(told("worker-degraded")).toEqual([`${home.name} takes nothing new`])
    home.problems = []
    await isIn(home, "active")
  })

  it("is told of a clock that is two hours off, which changes nothing", async () => {
    const home = await deploy("web")
    home.clockAheadMs = 2 * 60 * 60_000
    await until("the words", async () =>
      (await view(home)).reason === "Its clock is 2 hours ahead." ? true : null,
    )
    expect(await view(home)).toMatchObject({ state: "active", takesNew: true })
  })
})

describe("half of the fleet at once", () => {
  it("moves nothing, tells it once, and moves when an administrator says so", async () => {
    const homes = new Set<ScriptedWorker>()
    for (const name of ["a", "b", "c", "d"]) homes.add(await deploy(name))
    expect(homes.size).toBe(4)
    const [one, two] = workers
    await Promise.all([one!.cutOff(), two!.cutOff()])
    await isIn(one!, "suspect")
    await isIn(two!, "suspect")
    const judge = await fleet.run(Judge)
    expect(judge.brake()).toMatchObject({ silent: 2, of: 4 })
    expect(told("brake")).toEqual(["2 of 4 workers are silent: nothing is moved"])
    await until("several looks", async () => null, 3).catch(() => undefined)
    for (const name of ["a", "b", "c", "d"]) expect(await placements(name)).toHaveLength(1)

    const refused = await fleet.run(moveServices(one!.name, false, admin).pipe(Effect.flip))
    expect(refused).toMatchObject({ _tag: "NotPossibleNow" })
    await fleet.run(moveServices(one!.name, true, admin))
    await until("what ran there to be elsewhere", async () => {
      const all = await Promise.all(["a", "b", "c", "d"].map(placements))
      return all.flat().some(({ reason }) => reason === "failover") ? true : null
    })
    await two!.powerOn()
    await one!.powerOn()
    await isIn(two!, "active")
    await until("the brake to be released", async () => (judge.brake() === null ? true : null))
    for (const name of ["a", "b", "c", "d"]) await isLive(name)
  }, 60_000)

  it("all of it: nothing is moved, and everything is as it was when they are back", async () => {
    const home = await deploy("web")
    await Promise.all(workers.map((worker) => worker.cutOff()))
    await isIn(home, "suspect")
    await Promise.all(workers.map((worker) => worker.powerOn()))
    for (const worker of workers) await isIn(worker, "active")
    expect((await placements("web")).map(({ state }) => state)).toEqual(["serving"])
    expect(await homeOf("web")).toBe(home)
  })
})

describe("the policy", () => {
  it("by hand: services wait for an administrator", async () => {
    await policy({ failover: { kind: "by-hand" } })
    const home = await deploy("web")
    await home.powerOff()
    await isIn(home, "suspect")
    await until("several looks", async () => null, 3).catch(() => undefined)
    expect(await placements("web")).toHaveLength(1)
    expect(await service("web")).toMatchObject({ state: "degraded" })
    await fleet.run(moveServices(home.name, false, admin))
    await until("web elsewhere", async () => {
      const next = await homeOf("web")
      return next !== undefined && next !== home ? true : null
    })
  })
})

describe("a worker that comes and goes", () => {
  it("is kept out for a while after some times, and let in by an administrator", async () => {
    await policy({ flapping: { times: 2, withinMinutes: 10, forMinutes: 10 } })
    const [flapping] = workers
    for (let time = 0; time < 2; time++) {
      await flapping!.cutOff()
      await isIn(flapping!, "suspect")
      await flapping!.powerOn()
      await until("it to be heard", async () => ((await view(flapping!)).state === "suspect" ? null : true))
    }
    expect(await isIn(flapping!, "quarantined")).toMatchObject({ takesNew: false })
    await deploy("web")
    expect(await homeOf("web")).not.toBe(flapping)
    await fleet.run(readmitWorker(flapping!.name, admin))
    await isIn(flapping!, "active")
  })
})

describe("a service with several instances", () => {
  it("has them on different workers, and loses only the one of a worker that is lost", async () => {
    await deploy("web", { replicas: 3 })
    const homes = await homesOf("web")
    expect(new Set(homes).size).toBe(3)
    await homes[0]!.powerOff()
    await isIn(homes[0]!, "suspect")
    await until("three again", async () => {
      const now = await homesOf("web")
      return now.length === 3 && !now.includes(homes[0]!) ? true : null
    })
    const all = await placements("web")
    expect(all.filter(({ reason }) => reason === "failover")).toHaveLength(1)
  })
})

describe("a service with a volume that shall wait for its data", () => {
  it("is started nowhere else, and is back when its worker is", async () => {
    const volume = { path: "/data", sizeBytes: 2 ** 26, whenWorkerIsLost: "wait" }
    const home = await deploy("db", { volume })
    expect(home.desired?.volumes).toMatchObject([{ sizeBytes: 2 ** 26 }])
    await home.cutOff()
    await isIn(home, "suspect")
    await until("several looks", async () => null, 3).catch(() => undefined)
    expect(await placements("db")).toHaveLength(1)
    await home.powerOn()
    await isLive("db")
    expect(await homeOf("db")).toBe(home)
  })
})
