import { afterAll, beforeAll, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { type Scene, startScene } from "../../test/fleetScene.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"

const postgres = usePostgres()
let scene: Scene

beforeAll(async () => {
  scene = await startScene(await postgres().database(), 2)
})
afterAll(() => scene.stop())

it("a route leads to an instance that was healthy and runs on, while no other one is, and to none that has exited", async () => {
  const home = await scene.deploy("web")
  const other = scene.workers.find((worker) => worker !== home)!
  const isLedTo = (what: string, workers: ReadonlyArray<ScriptedWorker>) =>
    until(what, async () =>
      scene.routedTo("web", other).join() === workers.map(({ id }) => id).join() ? true : null,
    )
  const reports = async (change: object) => {
    home.script = { ...home.script, container: (container) => ({ ...container, ...change }) }
    await until("it to be reported", async () => ((await scene.homesOf("web")).length === 0 ? true : null))
  }
  await isLedTo("the healthy one", [home])

  await reports({ healthy: false, probe: "did not answer within 2 s" })
  // A worker that is told of a later service has been told of this.
  await scene.deploy("later")
  await until("a later route", async () =>
    other.desired?.routes.some(({ host }) => host.startsWith("later")) ? true : null,
  )
  expect(scene.routedTo("web", other)).toEqual([home.id])

  await reports({ healthy: false, state: "exited", exitCode: 1 })
  await isLedTo("none", [])
}, 60_000)
