import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { admin, type Scene, startScene } from "../../test/fleetScene.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { latestUpgrade } from "../store/AgentUpgrades.ts"
import { startUpgrade, stopUpgrade } from "./upgrades.ts"

const postgres = usePostgres()
let scene: Scene
beforeEach(async () => {
  scene = await startScene(await postgres().database(), 3)
}, 60_000)
afterEach(() => scene.stop(), 60_000)

const next = { version: "1", sha256: "0".repeat(64) }
const upgrade = async () => (await scene.run(latestUpgrade))!
const states = async () => (await upgrade()).workers.map(({ state }) => state)
const isTold = (worker: ScriptedWorker) =>
  until(`${worker.name} to be told`, async () => (worker.desired?.agent?.version === "1" ? true : null))
/** As an agent that fetches it, ends, and is started again. */
const becomes = async (worker: ScriptedWorker, version: string) => {
  worker.say({ _tag: "stopping", why: "upgrade" })
  worker.endConnection()
  worker.version = version
  await worker.connect()
}

describe("an upgrade", () => {
  it("rolls over the fleet one worker at a time, and moves no service", async () => {
    const home = await scene.deploy("web")
    await scene.run(startUpgrade(next, admin))
    for (const worker of scene.workers) {
      await isTold(worker)
      const others = scene.workers.filter((other) => other !== worker)
      expect(others.filter(({ desired }) => desired?.agent !== null)).toEqual([])
      await becomes(worker, "1")
    }
    await until("its end", async () => ((await upgrade()).state === "done" ? true : null))
    expect(await states()).toEqual(["done", "done", "done"])
    expect(scene.told("upgrade")).toEqual(["The agents were upgraded to 1"])
    expect(await scene.homeOf("web")).toBe(home)
    expect(await scene.placements("web")).toHaveLength(1)
  })

  it("ends at the first that is not back in time, which goes back to the version before", async () => {
    const [first, second] = scene.workers
    await scene.run(startUpgrade(next, admin))
    await isTold(first!)
    await scene.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql`update agent_upgrade_worker set started_at = now() - interval '200 seconds' where state = 'upgrading'`,
      ),
    )
    await until("its end", async () => ((await upgrade()).state === "failed" ? true : null))
    expect(await states()).toEqual(["reverted", "waiting", "waiting"])
    expect(await upgrade()).toMatchObject({
      reason: expect.stringContaining(`${first!.name} did not report back`),
    })
    expect(second!.desired?.agent).toBeNull()
    await until("it to be let alone", async () => (first!.desired?.agent === null ? true : null))
    expect(scene.told("upgrade")).toEqual(["The upgrade of the agents to 1 failed"])
  })

  it("leaves out who is not there or decides for itself, and can be stopped", async () => {
    const own = await scene.addWorker({ development: true })
    const [first, second] = scene.workers
    await first!.cutOff()
    await scene.isIn(first!, "suspect")
    await scene.run(startUpgrade(next, admin))
    await isTold(second!)
    await scene.run(stopUpgrade(admin))
    expect(await upgrade()).toMatchObject({ state: "stopped" })
    expect((await upgrade()).workers.find(({ worker }) => worker === first!.name)).toMatchObject({
      state: "skipped",
      detail: "it is not connected",
    })
    expect(own.desired?.agent ?? null).toBeNull()
    const again = await scene.run(stopUpgrade(admin).pipe(Effect.flip))
    expect(again).toMatchObject({ _tag: "NotPossibleNow" })
  })

  it("is refused when every agent has it already, and while another one runs", async () => {
    const none = await scene.run(startUpgrade({ ...next, version: "0" }, admin).pipe(Effect.flip))
    expect(none).toMatchObject({ _tag: "NotPossibleNow", message: expect.stringContaining("at 0 already") })
    await scene.run(startUpgrade(next, admin))
    const second = await scene.run(startUpgrade(next, admin).pipe(Effect.flip))
    expect(second).toMatchObject({ _tag: "NotPossibleNow", message: "An upgrade is under way already." })
  })
})
