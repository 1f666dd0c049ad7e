import { defaultFleetPolicy, type FleetPolicy } from "@skypanel/contract/Fleet"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { until } from "../../test/lab/until.ts"
import { createService } from "../src/deploy/requests/create.ts"
import { newOrganizationId } from "../src/domain/id.ts"
import { saveFleetPolicy } from "../src/store/FleetPolicies.ts"
import { findService } from "../src/store/ServiceViews.ts"
import { viewWorker } from "../src/store/WorkerViews.ts"
import type { ScriptedWorker } from "./ScriptedWorker.ts"
import { startScriptedFleet } from "./scriptedFleet.ts"

const source = { _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" } as const
export const admin = "ada@example.com"
export const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const

/** A scripted fleet with workers that are active and look about them, and the questions that tests ask of it. */
export const startScene = async (databaseUrl: string, count: number) => {
  const fleet = await startScriptedFleet(databaseUrl)
  const workers: Array<ScriptedWorker> = []
  const { run } = fleet

  const view = async ({ name }: ScriptedWorker) => (await run(viewWorker(name, () => [])))!
  const isIn = (worker: ScriptedWorker, state: string, seconds = 20) =>
    until(
      `${worker.name} to be ${state}`,
      async () => {
        const now = await view(worker)
        return now.state === state ? now : null
      },
      seconds,
    )
  const policy = (change: Partial<FleetPolicy>) =>
    run(saveFleetPolicy({ ...defaultFleetPolicy, suspectAfterSeconds: 3, ...change }, admin))
  const service = async (name: string) => (await run(findService(organization.id, name)))!
  const isLive = (name: string) =>
    until(`${name} to be live`, async () => ((await service(name)).state === "live" ? true : null))
  /** The workers that its healthy instances are on. */
  const homesOf = async (name: string) =>
    (await service(name)).instances
      .filter(({ healthy }) => healthy)
      .map((instance) => workers.find((worker) => worker.name === instance.worker)!)
  const homeOf = async (name: string) => (await homesOf(name))[0]
  const deploy = async (name: string, more = {}) => {
    await run(createService(organization, admin, { name, source, ...more }))
    await isLive(name)
    return (await homeOf(name))!
  }
  const placements = (name: string) =>
    run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ id: string; state: string; reason: string; worker_id: string }>`
          select p.id, p.state, p.reason, p.worker_id from placement p join service s on s.id = p.service_id
          where s.name = ${name} order by p.created_at`,
      ),
    )
  const told = (kind: string) => fleet.told.filter((one) => one.kind === kind).map(({ title }) => title)
  const routedTo = (host: string, seenBy: ScriptedWorker) =>
    seenBy.desired?.routes.find((route) => route.host.startsWith(host))?.peers ?? []

  const addWorker = async (options = {}) => {
    const worker = await fleet.addWorker(options)
    workers.push(worker)
    await isIn(worker, "active")
    return worker
  }
  for (let at = 0; at < count; at++) await addWorker()
  await policy({})
  // Containers come and go at the orchestrator; workers see that soon.
  const looking = setInterval(() => void fleet.observe().catch(() => undefined), 200)
  return {
    fleet,
    run,
    workers,
    addWorker,
    view,
    isIn,
    policy,
    service,
    isLive,
    homesOf,
    homeOf,
    deploy,
    placements,
    told,
    routedTo,
    stop: async () => {
      clearInterval(looking)
      await fleet.stop()
    },
  }
}
export type Scene = Awaited<ReturnType<typeof startScene>>
