import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { BuildObserved, ContainerObserved } from "@skypanel/contract/AgentProtocol"
import type { DeploymentId } from "@skypanel/contract/Id"
import { Effect, Layer, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { type Script, scriptedAgent } from "../../test/scriptedAgent.ts"
import { storeFor } from "../../test/store.ts"
import { Images } from "../artifacts/Images.ts"
import { RegistryCredential } from "../artifacts/RegistryCredential.ts"
import { newOrganizationId } from "../domain/id.ts"
import { AgentSessions } from "../fleet/AgentSessions.ts"
import { RuntimeLogs } from "../fleet/RuntimeLogs.ts"
import { layerMemory } from "../orchestrator/Memory.ts"
import { Orchestrator } from "../orchestrator/Orchestrator.ts"
import { Changes } from "../store/Changes.ts"
import { findDeployment } from "../store/DeploymentViews.ts"
import { findService } from "../store/ServiceViews.ts"
import { registerWorker, workerOfToken } from "../store/Workers.ts"
import { Templates } from "../templates/Templates.ts"
import { layerDeploy } from "./Deploy.ts"
import { layerWorkflowEngine } from "./engine.ts"
import { runReconciler } from "./Reconciler.ts"
import { createService } from "./requests/create.ts"
import { cancelDeployment, deleteService, stopService } from "./requests/end.ts"
import { rollBack, startService } from "./requests/existingRelease.ts"
import { redeployService, updateService } from "./requests/update.ts"

/** The steps of a deployment against a real database and workflow engine; worker and images are scripted. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const user = "somebody@example.com"
const source = { _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" } as const

let image = 0
const layerImages = Layer.succeed(Images, {
  publish: () =>
    Effect.sync(() => ({
      digest: `sha256:${String(++image).padStart(64, "0")}`,
      configDigest: "",
      layers: [{ digest: "sha256:0", size: 100, new: true }],
      totalBytes: 100,
      newBytes: 100,
    })),
  forget: () => Effect.void,
} as never)

const layerCredential = Layer.succeed(RegistryCredential, {
  forRepository: () => ({ username: "u", password: "p" }),
} as never)

const succeeded = (id: BuildObserved["id"]): BuildObserved => ({
  id,
  phase: "succeeded",
  result: {
    storePath: "/nix/store/00000000000000000000000000000000-app",
    command: ["/nix/store/00000000000000000000000000000000-app/bin/app"],
    revision: "abc",
    recognisedAs: "a test",
    closureBytes: 1,
    closurePaths: 1,
  },
  failure: null,
  logSeq: 0,
})

const container = (
  watched: { deploymentId: DeploymentId; serviceId: never; organizationId: never },
  more = {},
) =>
  ({
    containerId: `c-${watched.deploymentId}`,
    serviceId: watched.serviceId,
    deploymentId: watched.deploymentId,
    organizationId: watched.organizationId,
    state: "running",
    healthy: true,
    probe: "connected in 1 ms",
    exitCode: null,
    outOfMemory: false,
    startedAt: null,
    lastLines: [],
    ...more,
  }) as ContainerObserved

const healthy: Script = {
  builds: (desired) => desired.builds.map((build) => succeeded(build.id)),
  containers: (desired) => desired.deployments.map((watched) => container(watched as never)),
}

const postgres = usePostgres()
let script = healthy
let endpoint: Server
let answerByProxy = false
let runtime: ManagedRuntime.ManagedRuntime<any, any>
let observe = () => {}

const run = <A>(effect: Effect.Effect<A, any, any>): Promise<A> => runtime.runPromise(effect as never)

beforeAll(async () => {
  endpoint = createServer((_, response) => {
    if (answerByProxy) response.setHeader("x-skypanel-edge", "no-backend")
    response.end("ok")
  })
  await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve))
  const Store = storeFor(await postgres().database(), { SKYPANEL_HEALTH_DEADLINE_SECONDS: "2" })
  const Services = layerDeploy.pipe(
    Layer.provideMerge(AgentSessions.layer),
    Layer.provideMerge(RuntimeLogs.layer),
    Layer.provideMerge(layerWorkflowEngine),
    Layer.provideMerge(
      Layer.mergeAll(Templates.layer, layerMemory, layerImages, layerCredential, Changes.layer),
    ),
    Layer.provideMerge(Store),
  )
  runtime = ManagedRuntime.make(
    Layer.effectDiscard(Effect.forkScoped(runReconciler)).pipe(Layer.provideMerge(Services)) as never,
  )
  await run(
    Effect.gen(function* () {
      yield* registerWorker("scripted", "token", true)
      const worker = yield* workerOfToken("token")
      const agent = yield* scriptedAgent(
        () => script,
        `127.0.0.1:${(endpoint.address() as AddressInfo).port}`,
      )
      observe = agent.observe
      const sessions = yield* AgentSessions
      yield* Effect.forkDetach(sessions.serve(worker!, agent.connection))
    }),
  )
}, 60_000)

afterAll(async () => {
  await runtime?.dispose()
  endpoint?.close()
})

const ended = (name: string, number: number) =>
  until(
    `deployment ${number} of ${name} to end`,
    async () => {
      observe()
      const service = await run(findService(organization.id, name))
      const deployment = service && (await run(findDeployment(organization.id, service.id, number)))
      return deployment?.finishedAt != null ? deployment : null
    },
    20,
  )

const serviceNow = (name: string) => run(findService(organization.id, name))

const placed = () =>
  run(Effect.flatMap(Orchestrator, (orchestrator) => orchestrator.list)) as Promise<
    ReadonlyArray<{ deploymentId: string }>
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
    await run(
      Effect.flatMap(Orchestrator, (orchestrator) => orchestrator.remove(live!.deploymentId as DeploymentId)),
    )
    await until("the workload to be back", async () =>
      (await placed()).some((workload) => workload.deploymentId === live!.deploymentId) ? true : null,
    )
  })

  it("that exits at once fails with its exit code and last lines, and the release before serves on", async () => {
    const live = (await serviceNow("web"))!
    script = {
      ...healthy,
      containers: (desired) =>
        desired.deployments.map((watched) =>
          container(
            watched as never,
            watched.deploymentId === live.deployment!.id
              ? {}
              : { state: "exited", healthy: false, exitCode: 3, lastLines: ["the reason"] },
          ),
        ),
    }
    await run(redeployService(organization, user, "web"))
    const failed = await ended("web", 6)
    expect(failed).toMatchObject({ status: "failed", failure: { code: "exited", lines: ["the reason"] } })
    expect(failed.failure!.title).toContain("code 3")
    expect(await serviceNow("web")).toMatchObject({ state: "live" })
    await until("the failed workload to go", async () => ((await placed()).length === 1 ? true : null))
    script = healthy
  })

  it("that nobody can reach through the endpoint leads the traffic back", async () => {
    answerByProxy = true
    await run(redeployService(organization, user, "web"))
    const failed = await ended("web", 7)
    answerByProxy = false
    expect(failed).toMatchObject({
      status: "failed",
      failure: { code: "endpoint-silent", step: "verifying" },
    })
    expect(await serviceNow("web")).toMatchObject({ state: "live" })
  })

  it("that never gets healthy fails at the deadline", async () => {
    script = {
      ...healthy,
      containers: (desired) =>
        desired.deployments.map((watched) =>
          container(watched as never, { healthy: false, probe: "connection refused" }),
        ),
    }
    await create("silent")
    expect(await ended("silent", 1)).toMatchObject({ status: "failed", failure: { code: "port-closed" } })
    expect(await serviceNow("silent")).toMatchObject({ state: "failed", release: null })
    script = healthy
  })

  it("is superseded by a newer one, and can be canceled", async () => {
    script = { builds: () => [], containers: healthy.containers }
    await create("queue")
    await run(redeployService(organization, user, "queue"))
    expect(await ended("queue", 1)).toMatchObject({ status: "canceled" })
    await run(cancelDeployment(organization, user, "queue", 2))
    expect(await ended("queue", 2)).toMatchObject({
      status: "canceled",
      failure: { code: "canceled", step: "queued" },
    })
    script = healthy
  })

  it("of a deleted service ends, and its rows go", async () => {
    script = { builds: () => [], containers: () => [] }
    await create("gone")
    await run(deleteService(organization, "gone"))
    await until("the service to go", async () => ((await serviceNow("gone")) === null ? true : null))
    script = healthy
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
