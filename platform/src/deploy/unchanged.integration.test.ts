import type { DeploymentId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { beforeAll, describe, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import type { Script, ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { useScriptedFleet } from "../../test/useScriptedFleet.ts"
import { newOrganizationId } from "../domain/id.ts"
import { insertDeployment } from "../store/Deployments.ts"
import { findDeployment, listReleases } from "../store/DeploymentViews.ts"
import type { ServiceRow } from "../store/rows.ts"
import { findService } from "../store/ServiceViews.ts"
import { Failpoint, type FailpointName } from "./failpoint.ts"
import { publish } from "./publish.ts"
import { createService } from "./requests/create.ts"
import { restartService } from "./requests/existingRelease.ts"
import { redeployService, updateService } from "./requests/update.ts"
import { settleUnchanged } from "./unchanged.ts"

/** Deployments that bring what serves already, over a real database and workflow engine; worker and images are scripted. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const user = "somebody@example.com"
const source = { _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" } as const

const fleet = useScriptedFleet()
const { run } = fleet
let worker: ScriptedWorker
let healthy: Script

beforeAll(async () => {
  worker = fleet.worker
  healthy = worker.script
  await run(createService(organization, user, { name: "web", source }))
  await ended(1)
  fleet.images.same = true
}, 60_000)

const serviceNow = () => run(findService(organization.id, "web"))

const ended = (number: number) =>
  until(
    `deployment ${number} to end`,
    async () => {
      await worker.observe()
      const service = await serviceNow()
      const deployment = await run(findDeployment(organization.id, service!.id, number))
      return deployment?.finishedAt != null ? deployment : null
    },
    20,
  )

const placements = async () =>
  (
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ deployment: number }>`select d.number as deployment from placement p
          join deployment d on d.id = p.deployment_id where p.state in ('starting', 'serving')`,
      ),
    )
  ).map(({ deployment }) => deployment)

const releases = async () => {
  const service = await serviceNow()
  return (await run(listReleases(organization.id, service!.id))).map(({ number }) => number)
}

const changeSteps = (deployment: Awaited<ReturnType<typeof ended>>) =>
  Object.fromEntries(deployment.steps.map(({ name, state }) => [name, state]))

describe("a deployment that brings what serves already", () => {
  it("ends live with the release that is there, and rolls nothing out", async () => {
    await run(redeployService(organization, user, "web"))
    const second = await ended(2)
    expect(second).toMatchObject({
      status: "live",
      release: 1,
      receipt: { unchanged: true, imageBytes: 100, newBytes: 0, newLayers: 0 },
    })
    expect(changeSteps(second)).toMatchObject({
      building: "done",
      publishing: "done",
      "rolling-out": "skipped",
      verifying: "skipped",
    })
    expect(await placements()).toEqual([1])
    expect(await releases()).toEqual([1])
    expect(await serviceNow()).toMatchObject({ state: "live", release: 1 })
  })

  it("of a configuration that is as it was makes no release either", async () => {
    await run(updateService(organization, user, "web", { environment: {}, port: 8080 }))
    expect(await ended(3)).toMatchObject({ status: "live", release: 1, receipt: { unchanged: true } })
    expect(await placements()).toEqual([1])
    expect(await releases()).toEqual([1])
  })

  it("is rolled out where the configuration is another, without a build", async () => {
    await run(updateService(organization, user, "web", { environment: { A: "1" } }))
    const fourth = await ended(4)
    expect(fourth).toMatchObject({ status: "live", trigger: "configuration", release: 2 })
    expect(fourth.receipt).not.toHaveProperty("unchanged")
    expect(changeSteps(fourth)).toMatchObject({ building: "skipped", "rolling-out": "done" })
    await until("it alone to run", async () => ((await placements()).join() === "4" ? true : null))
  })

  it("is rolled out where its source is another: that is built next", async () => {
    await run(updateService(organization, user, "web", { source: { ...source, expression: "{ pkgs }: 1" } }))
    expect(await ended(5)).toMatchObject({ status: "live", release: 3 })
    await until("it alone to run", async () => ((await placements()).join() === "5" ? true : null))
  })

  it("is rolled out by a restart, which is asked for", async () => {
    await run(restartService(organization, user, "web"))
    expect((await ended(6)).receipt).not.toHaveProperty("unchanged")
    await until("it alone to run", async () => ((await placements()).join() === "6" ? true : null))
  })

  it("is rolled out where what serves is not healthy", async () => {
    const live = (await serviceNow())!.deployment!.id
    worker.script = {
      ...healthy,
      container: (one) => (one.deploymentId === live ? { ...one, healthy: false } : one),
    }
    await until("the service to be degraded", async () => {
      await worker.observe()
      return (await serviceNow())?.state === "degraded" ? true : null
    })
    await run(redeployService(organization, user, "web"))
    expect((await ended(7)).receipt).not.toHaveProperty("unchanged")
    worker.script = healthy
    await until("it alone to run", async () => ((await placements()).join() === "7" ? true : null))
  })
})

const sql = <A extends object>(
  query: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<A>, unknown>,
) => run(Effect.flatMap(SqlClient.SqlClient, query))

/** A deployment whose source was built; that it is published is left to the test. */
const built = () =>
  run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [service] = yield* sql<ServiceRow>`select * from service where name = 'web'`
      const { id, number } = yield* insertDeployment(service!, "redeploy", null, user)
      yield* sql`insert into build (id, organization_id, deployment_id, phase, result, finished_at)
        select ${`bld_${number}`}, organization_id, ${id}, 'succeeded', b.result, now() from build b
        where b.result is not null limit 1`
      return { id, number }
    }).pipe((effect) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(effect))),
  )

const publishing = (id: DeploymentId, at: FailpointName | null) =>
  run(
    publish(id).pipe(
      Effect.provideService(Failpoint, (name) => {
        if (name === at) throw new Error("killed")
      }),
    ),
  )

describe("a platform that is killed between the end and the engine's knowledge of it", () => {
  it("finds it ended", async () => {
    const { id, number } = await built()
    await expect(publishing(id, "unchanged")).rejects.toThrow("killed")
    expect(await publishing(id, null)).toBe("unchanged")
    expect(await ended(number)).toMatchObject({ status: "live", receipt: { unchanged: true } })
  })
})

describe("what is ordered while it is decided whether anything changed", () => {
  it("comes after it, or keeps it from ending live", async () => {
    const { id, number } = await built()
    const [release] = await sql<{ digest: string; command: ReadonlyArray<string> }>(
      (sql) => sql`select image_digest as digest, command from release order by number desc limit 1`,
    )
    const brought = {
      image: { digest: release!.digest, bytes: 1, layers: 1 },
      command: release!.command,
      settings: null,
    }
    // The same image with another user is another start.
    expect(await run(settleUnchanged(id, { ...brought, settings: { user: "1000", writable: [] } }))).toBe(
      false,
    )
    // The order holds the service's lock, as every one does; the decision waits for it.
    const ordering = run(updateService(organization, user, "web", { environment: { A: "2" } }))
    const [settled, ordered] = await Promise.all([run(settleUnchanged(id, brought)), ordering])
    const first = await ended(number)
    expect(first.status).toBe(settled ? "live" : "canceled")
    expect(await ended(ordered.number)).toMatchObject({ status: "live", environment: { A: "2" } })
    expect(await run(settleUnchanged(id, brought))).toBe(settled)
  })
})
