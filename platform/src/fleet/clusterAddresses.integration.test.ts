import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { type Scene, startScene } from "../../test/fleetScene.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"

const postgres = usePostgres()
let scene: Scene
beforeAll(async () => {
  scene = await startScene(await postgres().database(), 0)
}, 60_000)
afterAll(() => scene.stop(), 60_000)

const addressOf = (n: number) => `10.0.0.${n}`
const manager = "127.0.0.1"
const roles = ["services"] as const
const hears = (worker: ScriptedWorker, addresses: ReadonlyArray<string>) =>
  until(
    `${worker.name} to hear of ${addresses.join()}`,
    async () =>
      worker.desired?.clusterAddresses?.filter((one) => one !== manager).join() === addresses.join()
        ? true
        : null,
    10,
  )

it("every worker is told of all, and of each that comes or goes, within seconds", async () => {
  const one = await scene.addWorker({ roles, addresses: [addressOf(1)] })
  const two = await scene.addWorker({ roles, addresses: [addressOf(2), "2001:db8::2"] })
  for (const worker of [one, two]) await hears(worker, [addressOf(1), addressOf(2), "2001:db8::2"])
  expect(one.desired?.clusterAddresses).toContain(manager)
  const builder = await scene.addWorker({ roles: ["builder"], addresses: [addressOf(3)] })
  await until("the builder's desired state", async () => builder.desired)
  expect(builder.desired?.clusterAddresses).toEqual([])
  await hears(one, [addressOf(1), addressOf(2), "2001:db8::2"])
  await scene.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`update worker set removed_at = now() where id = ${two.id}`,
    ),
  )
  await hears(one, [addressOf(1)])
}, 60_000)

it("nobody is shut out while the addresses of one are not known: its agent is of before", async () => {
  const [one] = scene.workers as [ScriptedWorker]
  const before = await scene.addWorker({ roles })
  await hears(one, [])
  expect(one.desired?.clusterAddresses).toEqual([])
  await scene.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`update worker set removed_at = now() where id = ${before.id}`,
    ),
  )
  // Nobody's own state has changed with it: it is found out at the next look at everybody.
  await until(
    "the ports to be closed again",
    async () => (one.desired?.clusterAddresses?.length ? true : null),
    40,
  )
}, 90_000)
