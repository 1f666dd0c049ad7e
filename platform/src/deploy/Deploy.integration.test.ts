import type { PlacementId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { beforeAll, describe, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import type { Script, ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { useScriptedFleet } from "../../test/useScriptedFleet.ts"
import { newOrganizationId } from "../domain/id.ts"
import { Orchestrator } from "../orchestrator/Orchestrator.ts"
import { findDeployment, listReleases } from "../store/DeploymentViews.ts"
import { findService } from "../store/ServiceViews.ts"
import { createService } from "./requests/create.ts"
import { cancelDeployment, deleteService, stopService } from "./requests/end.ts"
import { rollBack, startService } from "./requests/existingRelease.ts"
import { redeployService, updateService } from "./requests/update.ts"

/** The steps of a deployment against a real database and workflow engine; worker and images are scripted. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const user = "somebody@example.com"
const source = { _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" } as const

const fleet = useScriptedFleet()
const { run } = fleet
let worker: ScriptedWorker
let healthy: Script

beforeAll(() => {
  worker = fleet.worker
  healthy = worker.script
})

const ended = (name: string, number: number) =>
  until(
    `deployment ${number} of ${name} to end`,
    async () => {
      await worker.observe()
      const service = await run(findService(organization.id, name))
      const deployment = service && (await run(findDeployment(organization.id, service.id, number)))
      return deployment?.finishedAt != null ? deployment : null
    },
    20,
  )

const serviceNow = (name: string) => run(findService(organization.id, name))

const placed = () =>
  run(Effect.flatMap(Orchestrator, (orchestrator) => orchestrator.list)) as Promise<
    ReadonlyArray<{ deploymentId: string; placementId: PlacementId }>
  >

const create = (name: string) => run(createService(organization, user, { name, source }))

describe("a deployment", () => {
  it("goes through all its steps and ends live", async () => {
    await create("web")
    const deployment = await ended("web", 1)
    expect(deployment).toMatchObject({ status: "live", failure: null, release: 1, revision: "abc" })
    expect(deployment.steps.map((step) => step.state)).toEqual(["done", "done", "done", "done", "done"])
    expect(deployment.receipt).toMatchObject({ imageBytes: 100, newLayers: 1 })
    expect(await serviceNow("web")).toMatchObject({ state: "live", release: 1 })
  })

  it("replaces the one before, whose workload goes", async () => {
    await run(redeployService(organization, user, "web"))
    const second = await ended("web", 2)
    expect(second).toMatchObject({ status: "live", release: 2 })
    await until("the first workload to go", async () =>
      (await placed()).every((workload) => workload.deploymentId === second.id) ? true : null,
    )
  })

  it("of a changed variable skips the build", async () => {
    await run(updateService(organization, user, "web", { environment: { A: "1" } }))
    const third = await ended("web", 3)
    expect(third).toMatchObject({
      status: "live",
      trigger: "configuration",
      release: 3,
      environment: { A: "1" },
    })
    expect(third.steps.find((step) => step.name === "building")?.state).toBe("skipped")
  })

  it("rolls back to an old release as it was", async () => {
    await run(rollBack(organization, user, "web", 1))
    expect(await ended("web", 4)).toMatchObject({ status: "live", release: 1, environment: {} })
    expect(await serviceNow("web")).toMatchObject({ release: 1, environment: {} })
  })

  it("is refused where the image was removed to make room, and said so in the list", async () => {
    const remove = (at: string) =>
      run(
        Effect.flatMap(SqlClient.SqlClient, (sql) =>
          sql.unsafe(`update image set collected_at = ${at} where digest = (select image_digest from release
            where number = 2 and service_id = (select id from service where name = 'web'))`),
        ),
      )
    await remove("now()")
    await expect(run(rollBack(organization, user, "web", 2))).rejects.toThrow(
      "The image of release 2 was removed to make room",
    )
    const service = await run(findService(organization.id, "web"))
    const list = await run(listReleases(organization.id, service!.id))
    // The third has the image of the second: only its configuration is another.
    expect(list.map(({ number, imageGone }) => [number, imageGone])).toEqual([
      [3, true],
      [2, true],
      [1, false],
    ])
    await remove("null")
  })

  it("stops, and starts again", async () => {
    await run(stopService(organization, "web"))
    expect(await serviceNow("web")).toMatchObject({ state: "stopped" })
    await until("its workload to go", async () => ((await placed()).length === 0 ? true : null))
    await run(startService(organization, user, "web"))
    expect(await ended("web", 5)).toMatchObject({ status: "live", trigger: "start" })
    expect(await serviceNow("web")).toMatchObject({ state: "live" })
  })

  it("whose workload went missing is placed again", async () => {
    const [live] = await placed()
    await run(Effect.flatMap(Orchestrator, (orchestrator) => orchestrator.remove(live!.placementId)))
    await until("the workload to be back", async () =>
      (await placed()).some((workload) => workload.deploymentId === live!.deploymentId) ? true : null,
    )
  })

  it("that exits at once fails with its exit code and last lines, and the release before serves on", async () => {
    const live = (await serviceNow("web"))!
    worker.script = {
      ...healthy,
      container: (container) =>
        container.deploymentId === live.deployment!.id
          ? container
          : { ...container, state: "exited", healthy: false, exitCode: 3, lastLines: ["the reason"] },
    }
    await run(redeployService(organization, user, "web"))
    const failed = await ended("web", 6)
    expect(failed).toMatchObject({ status: "failed", failure: { code: "exited", lines: ["the reason"] } })
    expect(failed.failure!.title).toContain("code 3")
    expect(await serviceNow("web")).toMatchObject({ state: "live" })
    await until("the failed workload to go", async () => ((await placed()).length === 1 ? true : null))
    worker.script = healthy
  })

  it("that nobody can reach through the endpoint leads the traffic back", async () => {
    worker.answersItself = true
    await run(redeployService(organization, user, "web"))
    const failed = await ended("web", 7)
    worker.answersItself = false
    expect(failed).toMatchObject({
      status: "failed",
      failure: { code: "endpoint-silent", step: "verifying" },
    })
    expect(await serviceNow("web")).toMatchObject({ state: "live" })
  })

  it("is shown as live only when its endpoint has answered", async () => {
    worker.answersItself = true
    await create("early")
    await until("the endpoint to lead to it", async () => {
      await worker.observe()
      const led = SqlClient.SqlClient.use(
        (sql) => sql`select 1 from service where name = 'early' and live_deployment_id is not null`,
      )
      return (await run(led)).length > 0 ? true : null
    })
    expect(await serviceNow("early")).toMatchObject({ state: "deploying" })
    worker.answersItself = false
    expect(await ended("early", 1)).toMatchObject({ status: "live" })
    expect(await serviceNow("early")).toMatchObject({ state: "live" })
  })

  it("that never gets healthy fails at the deadline", async () => {
    worker.script = {
      ...healthy,
      container: (container) => ({ ...container, healthy: false, probe: "connection refused" }),
    }
    await create("silent")
    expect(await ended("silent", 1)).toMatchObject({ status: "failed", failure: { code: "port-closed" } })
    expect(await serviceNow("silent")).toMatchObject({ state: "failed", release: null })
    worker.script = healthy
  })

  it("is superseded by a newer one, and can be canceled", async () => {
    worker.script = { ...healthy, builds: () => [] }
    await create("queue")
    await run(redeployService(organization, user, "queue"))
    expect(await ended("queue", 1)).toMatchObject({ status: "canceled" })
    await run(cancelDeployment(organization, user, "queue", 2))
    expect(await ended("queue", 2)).toMatchObject({
      status: "canceled",
      failure: { code: "canceled", step: "queued" },
    })
    worker.script = healthy
  })

  it("of a repository keeps what its service says of it, until that is taken back", async () => {
    const git = { _tag: "git", url: "https://git.example.org/acme/shop.git", ref: null } as const
    const overrides = { build: { path: "apps/web" }, start: { process: "worker" } }
    const sourceOf = async (number: number) => (await ended("shop", number)).source
    await run(createService(organization, user, { name: "shop", source: { ...git, overrides } }))
    expect(await sourceOf(1)).toEqual({ ...git, overrides })
    await run(updateService(organization, user, "shop", { source: { ...git, ref: "next" } }))
    expect(await sourceOf(2)).toEqual({ ...git, ref: "next", overrides })
    await run(updateService(organization, user, "shop", { source: { ...git, overrides: {} } }))
    expect(await sourceOf(3)).toEqual(git)
    const unknown = { source: { ...git, overrides: { build: { kind: "cobol" } } } }
    const refused = await run(Effect.flip(updateService(organization, user, "shop", unknown)))
    expect(refused).toMatchObject({ _tag: "InvalidInput", issues: [{ path: "source.overrides.build.kind" }] })
  })

  it("of a deleted service ends, and its rows go", async () => {
    worker.script = { ...healthy, builds: () => [] }
    await create("gone")
    await run(deleteService(organization, "gone"))
    await until("the service to go", async () => ((await serviceNow("gone")) === null ? true : null))
    worker.script = healthy
  })

  it("has a name that is taken only once, also under concurrency", async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => create("race")))
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1)
    const sql = await run(SqlClient.SqlClient)
    expect(await run(sql`select count(*)::int as count from service where name = 'race'` as never)).toEqual([
      { count: 1 },
    ])
  })
})
