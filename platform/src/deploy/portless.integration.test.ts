import type { UpdateService } from "@skypanel/contract/Service"
import { beforeAll, describe, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import type { Script, ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { succeeded } from "../../test/scriptedFleet.ts"
import { useScriptedFleet } from "../../test/useScriptedFleet.ts"
import { newOrganizationId } from "../domain/id.ts"
import { findDeployment } from "../store/DeploymentViews.ts"
import { findService } from "../store/ServiceViews.ts"
import { createService } from "./requests/create.ts"
import { rollBack } from "./requests/existingRelease.ts"
import { redeployService, updateService } from "./requests/update.ts"

/** Services without a port, over a real database and workflow engine; the worker is scripted. */

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

const serviceNow = async (name: string) => (await run(findService(organization.id, name)))!

const ended = (name: string, number: number) =>
  until(
    `deployment ${number} of ${name} to end`,
    async () => {
      await worker.observe()
      const found = await run(findDeployment(organization.id, (await serviceNow(name)).id, number))
      return found?.finishedAt != null ? found : null
    },
    20,
  )

const create = (name: string, wish: UpdateService = {}) =>
  run(createService(organization, user, { source, ...wish, name }))
const change = (name: string, wish: UpdateService) => run(updateService(organization, user, name, wish))

/** Settles at whether the worker's proxy leads the service's host anywhere. */
const isRouted = (name: string, wanted: boolean) =>
  until(`${name} ${wanted ? "to have a route" : "to have none"}`, async () => {
    const routes = worker.desired?.routes ?? []
    return routes.some(({ host }) => host === `${name}-acme.localhost`) === wanted ? true : null
  })

const portsTold = async (deploymentId: string) => {
  const workloads = await fleet.workloads()
  const placement = worker.desired?.placements.find((one) => one.deploymentId === deploymentId)
  return [workloads.find((one) => one.deploymentId === deploymentId)?.port, placement?.port]
}

/** What is built from now on says that it listens on no port, or says nothing. */
const builds = (portless: boolean) => {
  worker.script = {
    ...healthy,
    builds: (desired) =>
      desired.builds.map(({ id }) => {
        const build = succeeded(id)
        return { ...build, result: { ...build.result!, ...(portless && { portless }) } }
      }),
  }
}

describe("a service without a port", () => {
  it("is live once its worker has seen it healthy: nobody asks an endpoint, and it has none", async () => {
    worker.answersItself = true
    await create("bot", { port: null })
    const deployment = await ended("bot", 1)
    worker.answersItself = false
    expect(deployment).toMatchObject({ status: "live", failure: null, port: null })
    expect(await serviceNow("bot")).toMatchObject({ state: "live", port: null, url: null, public: false })
    expect(await portsTold(deployment.id)).toEqual([null, 0])
    await isRouted("bot", false)
  })

  it("changes nothing when it is told so again", async () => {
    await change("bot", { port: null })
    expect(await ended("bot", 2)).toMatchObject({ status: "live", receipt: { unchanged: true } })
  })

  it("has no health path, and is told so", async () => {
    const refusal = { _tag: "InvalidInput", issues: [{ path: "healthPath" }] }
    await expect(create("asked", { port: null, healthPath: "/" })).rejects.toMatchObject(refusal)
    await expect(change("bot", { healthPath: "/" })).rejects.toMatchObject(refusal)
  })

  it("that exits fails its deployment, in words that fit it", async () => {
    worker.script = {
      ...healthy,
      container: (container) => ({ ...container, state: "exited", healthy: false, exitCode: 3 }),
    }
    await create("broken", { port: null })
    const { failure } = await ended("broken", 1)
    worker.script = healthy
    expect(failure).toMatchObject({
      code: "exited",
      title: "The application exited with code 3 before it had stayed up for 10 seconds.",
      next: "Look at its last lines; a service keeps running.",
    })
  })
})

describe("a port that comes and goes", () => {
  it("gives the service its URL when the deployment with it is live, and not before", async () => {
    await change("bot", { port: 3000, healthPath: "/ok" })
    expect(await ended("bot", 3)).toMatchObject({ status: "live", port: 3000 })
    expect(await serviceNow("bot")).toMatchObject({ url: "http://bot-acme.localhost:8000", public: true })
    await isRouted("bot", true)
  })

  it("keeps its route until what runs without it is live, and takes the health path along", async () => {
    const live = (await ended("bot", 3)).id
    worker.script = { ...healthy, container: (one) => ({ ...one, healthy: one.deploymentId === live }) }
    await change("bot", { port: null })
    await until("the new one to be started", async () => {
      await worker.observe()
      return worker.runs().length === 2 ? true : null
    })
    await isRouted("bot", true)
    worker.script = healthy
    expect(await ended("bot", 4)).toMatchObject({ status: "live", port: null, healthPath: null })
    await isRouted("bot", false)
  })

  it("comes back with a release that had it", async () => {
    const { release } = await ended("bot", 3)
    await run(rollBack(organization, user, "bot", release!))
    expect(await ended("bot", 5)).toMatchObject({ status: "live", port: 3000, healthPath: "/ok" })
    await isRouted("bot", true)
  })
})

describe("what the builder takes for a process without a port", () => {
  it("runs without one, where nobody has chosen any", async () => {
    builds(true)
    await create("worker")
    expect(await ended("worker", 1)).toMatchObject({ status: "live", port: null })
    expect(await serviceNow("worker")).toMatchObject({ port: null, url: null })
    await isRouted("worker", false)
  })

  it("has the usual one once it is another process, and keeps it from then on", async () => {
    builds(false)
    await run(redeployService(organization, user, "worker"))
    expect(await ended("worker", 2)).toMatchObject({ status: "live", port: 8080 })
    await isRouted("worker", true)
    builds(true)
    await run(redeployService(organization, user, "worker"))
    expect(await ended("worker", 3)).toMatchObject({ status: "live", port: 8080 })
    expect(await serviceNow("worker")).toMatchObject({ port: 8080, public: true })
  })

  it("has the port, or the health path, that somebody chose", async () => {
    builds(true)
    await create("chosen", { port: 9000 })
    await create("checked", { healthPath: "/ok" })
    expect(await ended("chosen", 1)).toMatchObject({ status: "live", port: 9000 })
    expect(await ended("checked", 1)).toMatchObject({ status: "live", port: 8080, healthPath: "/ok" })
  })
})

describe("the deadline of a service without a port", () => {
  it("is that of another, and the time on top for which it has to stay up", async () => {
    let steady = false
    const portOf = (id: string) => worker.desired?.placements.find((one) => one.deploymentId === id)?.port
    worker.script = {
      ...healthy,
      container: (one) => ({ ...one, healthy: steady && portOf(one.deploymentId) === 0 }),
    }
    await Promise.all([create("slow", { port: null }), create("silent", { port: 8080 })])
    const silent = await ended("silent", 1)
    expect(silent.failure).toMatchObject({ code: "unhealthy" })
    steady = true
    expect(await ended("slow", 1)).toMatchObject({ status: "live", failure: null })
    worker.script = healthy
  })
})
