import { defaultFleetPolicy } from "@skypanel/contract/Fleet"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { type Scene, startScene } from "../../test/fleetScene.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { listAudit } from "../store/Audit.ts"
import { listSamples } from "../store/Measurements.ts"

const postgres = usePostgres()
let scene: Scene
let worker: ScriptedWorker
beforeAll(async () => {
  scene = await startScene(await postgres().database(), 2)
  worker = scene.workers[0]!
}, 60_000)
afterAll(() => scene?.stop())

const alerts = async () => (await scene.view(worker)).alerts
const idle = { load1: 0, cpuPercent: 1, memoryUsedBytes: 2 ** 20, diskUsedBytes: 2 ** 20 }

describe("a worker whose CPU is used up", () => {
  it("starts one alert, which ends once", async () => {
    await scene.policy({ alerts: { ...defaultFleetPolicy.alerts, forSeconds: 2 } })
    worker.health = { ...idle, cpuPercent: 95 }
    await until("the alert", async () => ((await alerts()).includes("cpu") ? true : null))
    await until("some more heartbeats", async () => null, 3).catch(() => undefined)
    worker.health = idle
    await until("its end", async () => ((await alerts()).length === 0 ? true : null))
    expect(scene.told("alert")).toEqual([
      `CPU of ${worker.name} is above 90 %`,
      `CPU of ${worker.name} is below 90 % again`,
    ])
    const events = await scene.run(listAudit(worker.id))
    expect(events.filter(({ action }) => action.startsWith("alert."))).toHaveLength(2)
  })

  it("makes another worker due, where the policy says so, once in its pause", async () => {
    const scaling = {
      on: ["memory" as const],
      provider: "linode" as const,
      plan: "g6-standard-2",
      region: "eu-central",
      workersMost: 10,
      pauseMinutes: 10,
    }
    await scene.policy({ alerts: { ...defaultFleetPolicy.alerts, forSeconds: 0 }, scaling })
    for (let time = 0; time < 2; time++) {
      worker.health = { ...idle, memoryUsedBytes: 2 ** 33 }
      await until("the alert", async () => ((await alerts()).includes("memory") ? true : null))
      worker.health = idle
      await until("its end", async () => ((await alerts()).length === 0 ? true : null))
    }
    expect(scene.told("capacity")).toEqual(["Another worker is due: a g6-standard-2 in eu-central at linode"])
    const due = (await scene.run(listAudit(null))).filter(({ action }) => action === "scaling.due")
    expect(due).toHaveLength(1)
  })
})

describe("what a worker measures", () => {
  it("is kept for its charts", async () => {
    const samples = await until("a sample", async () => {
      const found = await scene.run(listSamples(worker.id, 1))
      return found.length > 0 ? found : null
    })
    expect(samples[0]).toMatchObject({ instances: 0, diskUsedBytes: 2 ** 20 })
  })
})
