import { defaultFleetPolicy } from "@skypanel/contract/Fleet"
import type { ServiceId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { admin, organization, type Scene, startScene } from "../../test/fleetScene.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { redeployService } from "../deploy/requests/update.ts"
import { newServiceId } from "../domain/id.ts"
import { viewWorkerImages } from "../store/WorkerImages.ts"

const postgres = usePostgres()
const GiB = 2 ** 30
let scene: Scene
let worker: ScriptedWorker
beforeAll(async () => {
  scene = await startScene(await postgres().database(), 1)
  worker = scene.workers[0]!
}, 60_000)
afterAll(() => scene?.stop())

/** Of its releases, the newest first. */
const digestsOf = async (name: string) => {
  const { id } = await scene.service(name)
  const rows = await scene.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ digest: string }>`
        select image_digest as digest from release where service_id = ${id} order by number desc`,
    ),
  )
  return rows.map(({ digest }) => digest)
}

const deployAgain = async (name: string) => {
  const before = (await digestsOf(name)).length
  await scene.run(redeployService(organization, admin, name))
  await until("the next release", async () => ((await digestsOf(name)).length > before ? true : null))
  await scene.isLive(name)
}

const told = (what: string, isSo: (images: NonNullable<ScriptedWorker["desired"]>["images"]) => boolean) =>
  until(what, async () => (isSo(worker.desired?.images) ? worker.desired!.images! : null))

it("a worker is told which images it needs, which to keep to go back to, and how much room there is", async () => {
  await scene.policy({ images: { mostMiB: 1024, diskPercent: 70, releases: 2 } })
  await scene.deploy("shop")
  await deployAgain("shop")
  await deployAgain("shop")
  const [third, second] = await digestsOf("shop")
  // The one before runs until it has ended.
  const images = await told(
    "what is placed",
    (images) => images?.needed.length === 1 && images.needed[0] === third && images.kept.length === 2,
  )
  expect(images.kept.toSorted()).toEqual([second, third].toSorted())
  expect(images).toMatchObject({ bytesMost: GiB, diskPercent: 70 })
  expect(images.registry).toMatch(/^[^/]+:\d+$/)
  await scene.policy({ images: { mostMiB: 0, diskPercent: 80, releases: 3 } })
  const roomier = await told("the policy", (images) => images?.bytesMost === null)
  expect(roomier.kept.length).toBe(3)
})

it("an administrator sees what it says of them, by the services' names, and what to do about a full disk", async () => {
  expect(await scene.run(viewWorkerImages(worker.id))).toBeNull()
  const { id } = await scene.service("shop")
  const gone = { digest: `sha256:${"0".repeat(64)}`, freedBytes: 5, at: new Date().toISOString() }
  const images = {
    bytes: 12 * GiB,
    count: 9,
    spare: 0,
    disk: { totalBytes: 50 * GiB, usedBytes: 47 * GiB },
    problem: null,
  }
  const removed = (serviceId: ServiceId) => ({ serviceId, ...gone })
  worker.images = { ...images, removed: [removed(id), removed(newServiceId())] }
  await scene.policy({ alerts: { ...defaultFleetPolicy.alerts, forSeconds: 0 } })
  await until("the alert", async () => ((await scene.view(worker)).alerts.includes("disk") ? true : null))
  expect(await scene.run(viewWorkerImages(worker.id))).toEqual({
    ...images,
    removed: [
      { organization: "acme", service: "shop", ...gone },
      { organization: null, service: null, ...gone },
    ],
  })
  const { title, body } = scene.fleet.told.find(({ kind }) => kind === "alert")!
  expect(title).toBe(`disk of ${worker.name} is above 90 %`)
  expect(body).toContain("Its images take up to 12 GiB of 50 GiB, and none of them can be spared.")
  worker.images = { ...images, removed: [], disk: { totalBytes: 50 * GiB, usedBytes: 10 * GiB } }
  await until("its end", async () => ((await scene.view(worker)).alerts.length === 0 ? true : null))
})
