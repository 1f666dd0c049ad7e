import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { admin, type Scene, startScene } from "../../test/fleetScene.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { Cluster } from "../orchestrator/Cluster.ts"
import { Orchestrator } from "../orchestrator/Orchestrator.ts"
import { listAudit } from "../store/Audit.ts"
import { findWorker } from "../store/Workers.ts"
import { viewWorker } from "../store/WorkerViews.ts"
import { Mover } from "./Mover.ts"
import { removeByForce } from "./removal.ts"
import { drainWorker, removeWorker, undrainWorker } from "./requests/availability.ts"

const postgres = usePostgres()
let scene: Scene
let workers: ReadonlyArray<ScriptedWorker>
beforeEach(async () => {
  scene = await startScene(await postgres().database(), 3)
  workers = scene.workers
}, 60_000)
afterEach(() => scene.stop(), 60_000)

const unwell = (worker: ScriptedWorker) => {
  worker.script = { ...worker.script, container: (one) => ({ ...one, healthy: false }) }
}

describe("a drain", () => {
  it("moves everything away, and never takes the last healthy instance from a service", async () => {
    for (const name of ["a", "b", "c", "d", "e", "f"]) await scene.deploy(name)
    const home = (await scene.homeOf("a"))!
    const there = (await scene.view(home)).instances
    expect(there).toBe(2)
    let gaps = 0
    const watching = setInterval(() => {
      for (const name of ["a", "b", "c", "d", "e", "f"])
        void scene.homesOf(name).then(
          (homes) => {
            if (homes.length === 0) gaps += 1
          },
          () => undefined,
        )
    }, 50)
    await scene.run(drainWorker(home.name, undefined, admin))
    expect((await scene.view(home)).drain).toMatchObject({ total: 2, startedBy: admin, stuck: [] })
    await scene.isIn(home, "drained")
    clearInterval(watching)
    expect(gaps).toBe(0)
    expect(home.runs()).toEqual([])
    for (const name of ["a", "b", "c", "d", "e", "f"]) expect(await scene.homeOf(name)).not.toBe(home)
    expect(scene.told("drain")).toEqual([`${home.name} is empty`])
  })

  it("leads no request to an instance that ends: every proxy has the new one first", async () => {
    const home = await scene.deploy("web")
    const others = workers.filter((worker) => worker !== home)
    const [first] = await scene.placements("web")
    const orchestrator = await scene.run(Orchestrator)
    await scene.run(drainWorker(home.name, undefined, admin))
    const seen = await until("the old one to be ended", async () => {
      const routes = others.map((other) => scene.routedTo("web", other))
      const placed = await scene.run(orchestrator.list)
      return placed.some(({ placementId }) => placementId === first!.id) ? null : routes
    })
    expect(seen.flat()).not.toContain(home.id)
    expect(seen.flat()).toHaveLength(1)
  })

  it("waits for the new instance to be healthy, and can be stopped meanwhile", async () => {
    const home = await scene.deploy("web")
    for (const worker of workers) if (worker !== home) unwell(worker)
    await scene.run(drainWorker(home.name, undefined, admin))
    await until("a new instance", async () => ((await scene.placements("web")).length === 2 ? true : null))
    expect((await scene.placements("web"))[0]!.state).toBe("serving")
    await scene.run(undrainWorker(home.name, admin))
    await until("the new one to be given up", async () =>
      (await scene.placements("web"))[1]!.state === "ended" ? true : null,
    )
    expect(await scene.homeOf("web")).toBe(home)
    await scene.isIn(home, "active")
    expect((await scene.view(home)).drain).toBeNull()
  })

  it("says what holds it up when nothing else has room, and when its time is over", async () => {
    const home = await scene.deploy("web", {
      resources: { cpu: 1, memoryBytes: 5 * 2 ** 30, storageBytes: 2 ** 20 },
    })
    for (const worker of workers)
      if (worker !== home) {
        worker.problems = [{ part: "disk", text: "only 1 GiB is left" }]
        await scene.isIn(worker, "degraded")
      }
    await scene.run(drainWorker(home.name, undefined, admin))
    const mover = await scene.run(Mover)
    const [stuck] = await until("the reason", async () => {
      const found = mover.stuckOn(home.id)
      return found.length > 0 ? found : null
    })
    expect(stuck).toMatchObject({ service: "web", organization: "acme" })
    expect(stuck!.reason).toBe("There is no other worker that takes services now.")
    await until("it to be told", async () => (scene.told("capacity").length > 0 ? true : null))
    expect(scene.told("capacity")).toEqual(["There is no room for a service"])
    await scene.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update worker set drain_deadline_at = now() - interval '1 second' where id = ${home.id}`,
      ),
    )
    await until("it to be told", async () => (scene.told("drain").length > 0 ? true : null))
    expect(scene.told("drain")[0]).toBe(`The drain of ${home.name} is stuck: 1 of 1 instances are left`)
    expect(await scene.service("web")).toMatchObject({ state: "live" })
  })

  it("of a worker that dies in the middle ends as a failover", async () => {
    const home = await scene.deploy("web")
    for (const worker of workers) if (worker !== home) unwell(worker)
    await scene.run(drainWorker(home.name, undefined, admin))
    await until("a new instance", async () => ((await scene.placements("web")).length === 2 ? true : null))
    await home.powerOff()
    for (const worker of workers) worker.script = { ...worker.script, container: (one) => one }
    await until("web elsewhere", async () => {
      const next = await scene.homeOf("web")
      return next !== undefined && next !== home ? true : null
    })
    expect((await scene.placements("web"))[1]).toMatchObject({ state: "serving", reason: "drain" })
  })

  it("leaves a service that shall wait for its data where it is, and says so", async () => {
    const volume = { path: "/data", sizeBytes: 2 ** 26, whenWorkerIsLost: "wait" }
    const home = await scene.deploy("db", { volume })
    await scene.run(drainWorker(home.name, undefined, admin))
    const mover = await scene.run(Mover)
    const [stuck] = await until("the reason", async () => {
      const found = mover.stuckOn(home.id)
      return found.length > 0 ? found : null
    })
    expect(stuck!.reason).toBe(`its data is on ${home.name}, and it shall stay with it`)
    expect((await scene.placements("db")).map(({ state }) => state)).toEqual(["serving"])
  })

  it("starts one that may have an empty volume elsewhere only after the old copy has ended", async () => {
    const volume = { path: "/data", sizeBytes: 2 ** 26, whenWorkerIsLost: "start-empty" }
    const home = await scene.deploy("cache", { volume })
    expect(home.desired?.placements[0]).toMatchObject({ leaseSeconds: 30 })
    let together = 0
    const watching = setInterval(() => {
      if (workers.filter((worker) => worker.runs().length > 0).length > 1) together += 1
    }, 20)
    await scene.run(drainWorker(home.name, undefined, admin))
    await scene.isIn(home, "drained")
    await scene.isLive("cache")
    clearInterval(watching)
    expect(together).toBe(0)
    expect(await scene.homeOf("cache")).not.toBe(home)
  })
})

describe("a removal", () => {
  const removed = (worker: ScriptedWorker) =>
    until(`${worker.name} to be removed`, async () =>
      (await scene.view(worker)).state === "removed" ? true : null,
    )

  it("drains it, lets it leave the cluster, ends its identity and keeps its history", async () => {
    const home = await scene.deploy("web")
    await scene.run(removeWorker(home.name, admin))
    await removed(home)
    expect(await scene.homeOf("web")).not.toBe(home)
    expect(home.heard).toContain("leave")
    await until("the end of its connection", async () => home.refused)
    expect(home.refused).toMatchObject({ code: "revoked" })
    await home.connect()
    await until("another refusal", async () => home.refused)
    const cluster = await scene.run(Cluster)
    expect((await scene.run(cluster.nodes)).map(({ id }) => id)).not.toContain(home.nodeId)
    const events = await scene.run(listAudit(home.id))
    expect(events.map(({ action }) => action)).toContain("worker.removed")
    // Its name is free again, and its page shows the history until somebody else has it.
    expect(await scene.run(viewWorker(home.name, () => []))).toMatchObject({ state: "removed" })
  })

  it("leaves it with a secret that proxies of the fleet do not go by any more", async () => {
    const home = await scene.deploy("web")
    await scene.run(removeWorker(home.name, admin))
    await removed(home)
    const known = home.desired!.peerSecret
    for (const other of workers.filter((worker) => worker !== home))
      await until(`${other.name} to have another one`, async () =>
        other.desired!.peerSecret === known ? null : true,
      )
  })

  it("does not wait for what ended there before it had a container", async () => {
    const home = await scene.deploy("web")
    const other = workers.find((worker) => worker !== home)!
    await scene.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`
          insert into placement (id, organization_id, service_id, deployment_id, slot, worker_id, state, reason, ended_at)
          select 'plc_000000000000000000000000', organization_id, service_id, deployment_id, 0, ${other.id}, 'ended',
            'failover', now() from placement`,
      ),
    )
    await scene.run(removeWorker(other.name, admin))
    await removed(other)
  })

  it("can be taken back while it drains", async () => {
    const home = await scene.deploy("web")
    for (const worker of workers) if (worker !== home) unwell(worker)
    await scene.run(removeWorker(home.name, admin))
    await scene.isIn(home, "draining")
    await scene.run(undrainWorker(home.name, admin))
    await scene.isIn(home, "active")
    expect(await scene.homeOf("web")).toBe(home)
  })

  it("by force ends a worker that is gone for good, and starts elsewhere what ran there, volumes empty", async () => {
    const volume = { path: "/data", sizeBytes: 2 ** 26, whenWorkerIsLost: "wait" }
    const home = await scene.deploy("db", { volume })
    await home.powerOff()
    await scene.isIn(home, "suspect")
    await scene.run(Effect.flatMap(findWorker(home.name), (row) => removeByForce(row!, admin)))
    await removed(home)
    await scene.isLive("db")
    expect(await scene.homeOf("db")).not.toBe(home)
    await home.powerOn()
    await until("its refusal", async () => home.refused)
    expect(home.refused).toMatchObject({ code: "revoked" })
  })
})
