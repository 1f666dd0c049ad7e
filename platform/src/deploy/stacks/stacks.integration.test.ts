import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { until } from "../../../../test/lab/until.ts"
import { useScriptedFleet } from "../../../test/useScriptedFleet.ts"
import { newOrganizationId } from "../../domain/id.ts"
import { findDeployment, listReleases } from "../../store/DeploymentViews.ts"
import { findService, listServices } from "../../store/ServiceViews.ts"
import { lockStack, newestRevision } from "../../store/Stacks.ts"
import { findStack } from "../../store/StackViews.ts"
import { insertService } from "../requests/create.ts"
import { deleteService } from "../requests/end.ts"
import { redeployService, updateService } from "../requests/update.ts"
import { deleteStack, rollBackStack, updateStack } from "./change.ts"
import { createStack } from "./create.ts"
import { revealSecret } from "./reveal.ts"
import { startStep } from "./startStep.ts"

/** Stacks over a real database and workflow engine; worker and images are scripted. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const other = { id: newOrganizationId(), slug: "other", name: "Other", role: "owner" } as const
const user = "somebody@example.com"

const scene = useScriptedFleet()
const { run, everything, workloads } = scene

const stackNow = (name: string) => run(findStack(organization.id, name))

const ended = (name: string, number: number) =>
  until(
    `revision ${number} of ${name} to end`,
    async () => {
      await scene.worker.observe()
      const stack = await stackNow(name)
      const revision = stack?.revisions.find((one) => one.number === number)
      return revision?.finishedAt != null ? { stack: stack!, revision } : null
    },
    20,
  )

const isGone = (name: string) =>
  until(`${name} to go`, async () => {
    await scene.worker.observe()
    return (await stackNow(name)) === null ? true : null
  })

const stepsOf = ({
  steps,
}: {
  readonly steps: ReadonlyArray<{ readonly key: string; readonly state: string }>
}) => steps.map(({ key, state }) => `${key} ${state}`)

const refersTo = (database: string) =>
  until(`${database} alone to be referred to`, async () => {
    await scene.worker.observe()
    const urls = (await workloads()).flatMap(
      ({ environment }) => environment.DATABASE_URL?.split("@")[1] ?? [],
    )
    return urls.join() === database ? true : null
  })

describe("a stack", () => {
  it("is deployed in the order of its needs, and its services find each other and its secrets", async () => {
    await run(createStack(organization, user, { name: "shop", template: "web-worker-cache" }))
    const { stack, revision } = await ended("shop", 1)
    expect(revision).toMatchObject({ status: "live", failure: null, kind: "create" })
    expect(stack).toMatchObject({ state: "live" })
    expect(stack.services.map(({ name, url }) => [name, url])).toEqual([
      ["shop-cache", "tcp://shop-cache:6379"],
      ["shop-worker", null],
      ["shop-web", "http://shop-web-acme.localhost:8000"],
    ])
    const { value } = await run(revealSecret(organization, user, "shop", "cache.password"))
    const environments = Object.fromEntries(
      (await workloads()).map(({ serviceName, environment }) => [serviceName, environment]),
    )
    expect(environments).toEqual({
      "shop-cache": { REDIS_PASSWORD: value },
      "shop-worker": { REDIS_URL: `redis://:${value}@shop-cache:6379/0` },
      "shop-web": { REDIS_URL: `redis://:${value}@shop-cache:6379/0` },
    })
    const created = await run(listServices(organization.id))
    const began = (name: string) => created.find((one) => one.name === name)!.createdAt
    expect(began("shop-cache") < began("shop-web")).toBe(true)
  })

  it("leads no visitor to a service that is not public", async () => {
    await until("the routes", async () => {
      const hosts = scene.worker.desired?.routes.map(({ host }) => host)
      return hosts?.length === 1 && hosts[0] === "shop-web-acme.localhost" ? true : null
    })
  })

  it("has its secret nowhere in clear, and tells when it was shown, and to whom", async () => {
    const { value } = await run(revealSecret(organization, user, "shop", "cache.password"))
    expect(value).toMatch(/^[0-9a-f]{48}$/)
    expect(await everything()).not.toContain(value)
    const [secret] = (await stackNow("shop"))!.secrets
    expect(secret).toMatchObject({ name: "cache.password", shownTo: user, shownAt: expect.any(String) })
    expect(JSON.stringify(await stackNow("shop"))).not.toContain(value)
    await expect(run(revealSecret(organization, user, "shop", "web.password"))).rejects.toThrow(
      "has no secret",
    )
  })

  it("is nobody else's: not to read, not to change, not to refer to", async () => {
    expect(await run(findStack(other.id, "shop"))).toBeNull()
    await expect(run(revealSecret(other, user, "shop", "cache.password"))).rejects.toThrow("no stack")
    await expect(run(updateStack(other, user, "shop", {}))).rejects.toThrow("no stack")
    await expect(run(deleteStack(other, "shop", "delete"))).rejects.toThrow("no stack")
    // The same name there is another stack with another secret.
    await run(createStack(other, user, { name: "shop", template: "web-worker-cache" }))
    const theirs = await run(revealSecret(other, user, "shop", "cache.password"))
    expect(theirs.value).not.toBe(
      (await run(revealSecret(organization, user, "shop", "cache.password"))).value,
    )
    await run(deleteStack(other, "shop", "delete"))
    await until("theirs to go", async () => ((await run(findStack(other.id, "shop"))) === null ? true : null))
  })

  it("that is updated deploys only what changed", async () => {
    const services = { web: { environment: { GREETING: "Grüezi" } } }
    await run(updateStack(organization, user, "shop", { services }))
    const { revision } = await ended("shop", 2)
    expect(stepsOf(revision)).toEqual(["cache unchanged", "worker unchanged", "web live"])
    expect((await run(findService(organization.id, "shop-web")))!.environment).toMatchObject({
      GREETING: "Grüezi",
    })
    expect((await run(findService(organization.id, "shop-cache")))!.deployment!.number).toBe(1)
    await expect(run(updateStack(organization, user, "shop", { services }))).rejects.toThrow("is so already")
  })

  it("refuses settings of what there is not", async () => {
    const services = { web: { environment: { URL: "${cache.secret}" } } }
    await expect(run(updateStack(organization, user, "shop", { services }))).rejects.toThrow("no secret")
  })

  it("keeps a service from being deleted by itself", async () => {
    await expect(run(deleteService(organization, "shop-cache"))).rejects.toThrow("part of a stack")
  })

  it("that fails stops, names the service and why, and leaves what served serving", async () => {
    const healthy = scene.worker.script
    const live = (await run(findService(organization.id, "shop-cache")))!
    scene.worker.script = {
      ...healthy,
      container: (container) =>
        container.serviceId !== live.id || container.deploymentId === live.deployment!.id
          ? container
          : { ...container, state: "exited", healthy: false, exitCode: 3, lastLines: ["the reason"] },
    }
    const services = { cache: { port: 7000 }, web: { environment: { GREETING: "Hoi" } } }
    await run(updateStack(organization, user, "shop", { services }))
    const { stack, revision } = await ended("shop", 3)
    scene.worker.script = healthy
    expect(revision).toMatchObject({ status: "failed", failure: { key: "cache" } })
    expect(revision.failure!.title).toContain("code 3")
    expect(stepsOf(revision)).toEqual(["cache failed", "worker skipped", "web skipped"])
    expect(stack.state).toBe("degraded")
    for (const name of ["shop-cache", "shop-worker", "shop-web"])
      expect((await run(findService(organization.id, name)))!.state).toBe("live")
  })

  it("is rolled back as one: every service has the release of then", async () => {
    await run(rollBackStack(organization, user, "shop", 1))
    const { stack, revision } = await ended("shop", 4)
    expect(revision).toMatchObject({ status: "live", kind: "rollback", target: 1 })
    expect(stack.state).toBe("live")
    for (const name of ["shop-cache", "shop-worker", "shop-web"]) {
      const service = (await run(findService(organization.id, name)))!
      expect([name, service.release]).toEqual([name, 1])
    }
    await expect(run(rollBackStack(organization, user, "shop", 3))).rejects.toThrow(
      "no revision 3 that got live",
    )
  })

  it("goes back also from what somebody changed of a service by itself", async () => {
    await run(updateService(organization, user, "shop-web", { environment: { OWN: "1" } }))
    const web = await until("the service by itself", async () => {
      await scene.worker.observe()
      const found = await run(findService(organization.id, "shop-web"))
      return found?.environment.OWN === "1" && found.deployment?.status === "live" ? found : null
    })
    expect((await run(listReleases(organization.id, web.id)))[0]!.current).toBe(true)
    await run(rollBackStack(organization, user, "shop", 1))
    expect(stepsOf((await ended("shop", 5)).revision)).toEqual([
      "cache unchanged",
      "worker unchanged",
      "web live",
    ])
  })

  it("keeps a service from being started with a reference that stands for nothing", async () => {
    await run(updateService(organization, user, "shop-web", { environment: { A: "${cache.nothing}" } }))
    await until("the deployment to fail", async () => {
      await scene.worker.observe()
      const found = await run(findService(organization.id, "shop-web"))
      return found?.deployment?.failureTitle?.includes("refers to what") ? true : null
    })
    expect((await run(findService(organization.id, "shop-web")))!.state).toBe("live")
  })

  it("has names that are free, and one revision at a time", async () => {
    await expect(
      run(createStack(organization, user, { name: "shop", template: "web-postgres" })),
    ).rejects.toThrow("there is one already")
    await run(updateStack(organization, user, "shop", { services: { web: { replicas: 2 } } }))
    await expect(run(updateStack(organization, user, "shop", {}))).rejects.toThrow("is being deployed")
    await ended("shop", 6)
  })

  it("is deleted as one, those first that need others, and nothing is left", async () => {
    await run(deleteStack(organization, "shop", "delete"))
    await until("the application to go first", async () => {
      await scene.worker.observe()
      const names = (await run(listServices(organization.id))).filter(({ state }) => state !== "deleting")
      return names.map(({ name }) => name).join() === "shop-cache" ? true : null
    })
    await isGone("shop")
    expect(await run(listServices(organization.id))).toEqual([])
    expect(await workloads()).toEqual([])
    const sql = await run(SqlClient.SqlClient)
    for (const table of ["stack", "stack_revision", "stack_step", "stack_secret"])
      expect(await run(sql.unsafe(`select * from ${table}`) as never), table).toEqual([])
  })

  it("deploys also what refers to a port that is another now", async () => {
    await run(createStack(organization, user, { name: "notes", template: "web-postgres" }))
    expect((await ended("notes", 1)).revision).toMatchObject({ status: "live" })
    await run(updateStack(organization, user, "notes", { services: { db: { port: 5433 } } }))
    expect(stepsOf((await ended("notes", 2)).revision)).toEqual(["db live", "web live"])
    await refersTo("notes-db:5433/app")
  })

  it("is mended by a deployment of what refers to a port that somebody changed by itself", async () => {
    await run(updateService(organization, user, "notes-db", { port: 5434 }))
    const live = async (name: string, number: number) =>
      until(`deployment ${number} of ${name}`, async () => {
        await scene.worker.observe()
        const { deployment } = (await run(findService(organization.id, name)))!
        return deployment?.number === number && deployment.status === "live" ? true : null
      })
    await live("notes-db", 3)
    scene.images.same = true
    await run(redeployService(organization, user, "notes-web"))
    await live("notes-web", 3)
    // What its references stand for is so now: there is nothing to roll out.
    await run(redeployService(organization, user, "notes-web"))
    await live("notes-web", 4)
    const { id } = (await run(findService(organization.id, "notes-web")))!
    expect((await run(findDeployment(organization.id, id, 4)))!.receipt).toMatchObject({ unchanged: true })
    scene.images.same = false
    await refersTo("notes-db:5434/app")
    await run(updateService(organization, user, "notes-db", { port: 5433 }))
    await live("notes-db", 4)
  })

  it("keeps the variables that were set, secret ones too, where the source becomes a template's", async () => {
    const { number } = await run(
      updateService(organization, user, "notes-web", { secrets: { OWN: "by itself" } }),
    )
    await until("the secret to be live", async () => {
      await scene.worker.observe()
      const { deployment } = (await run(findService(organization.id, "notes-web")))!
      return deployment?.number === number && deployment.status === "live" ? true : null
    })
    const web = { environment: { GREETING: "Hoi" } }
    await run(updateStack(organization, user, "notes", { services: { web } }))
    await ended("notes", 3)
    const source = { _tag: "template", template: "nodejs" } as const
    await run(updateStack(organization, user, "notes", { services: { web: { source } } }))
    await ended("notes", 4)
    const service = (await run(findService(organization.id, "notes-web")))!
    expect(service).toMatchObject({ source, environment: { GREETING: "Hoi" }, secrets: [{ name: "OWN" }] })
  })

  it("refuses more variables than a service may have", async () => {
    const environment = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`V${at}`, ""]))
    await expect(
      run(updateStack(organization, user, "notes", { services: { web: { environment } } })),
    ).rejects.toThrow("101 variables")
  })

  it("that goes back to the source of before builds nothing, and forgets the one that failed", async () => {
    const failing = { _tag: "expression", expression: "{ pkgs }: 1" } as const
    const { id, source, deployment } = (await run(findService(organization.id, "notes-web")))!
    const { script } = scene.worker
    scene.worker.script = {
      ...script,
      container: (one) =>
        one.serviceId !== id || one.deploymentId === deployment!.id
          ? one
          : { ...one, state: "exited", healthy: false, exitCode: 3, lastLines: [] },
    }
    await run(updateStack(organization, user, "notes", { services: { web: { source: failing } } }))
    const { revision } = await ended("notes", 5)
    scene.worker.script = script
    expect(revision.status).toBe("failed")
    await run(updateStack(organization, user, "notes", { services: { web: { source } } }))
    expect((await ended("notes", 6)).revision.status).toBe("live")
    const service = (await run(findService(organization.id, "notes-web")))!
    expect(service.source).toEqual(source)
    const last = await run(findDeployment(organization.id, service.id, service.deployment!.number))
    expect(last!.trigger).toBe("configuration")
  })

  it("lets go of what its template does not have any more", async () => {
    const { id } = (await stackNow("notes"))!
    const sql = await run(SqlClient.SqlClient)
    const web = (await run(findService(organization.id, "notes-web")))!
    await run(
      sql.withTransaction(
        insertService(organization, user, {
          name: "notes-old",
          source: web.source,
          environment: {},
          secrets: {},
          resources: web.resources,
          port: 8080,
          portChosen: true,
          healthPath: null,
          replicas: 1,
          volume: null,
          public: false,
          stack: { id, key: "old" },
        }),
      ) as never,
    )
    await run(updateStack(organization, user, "notes", {}))
    expect((await ended("notes", 7)).revision.status).toBe("live")
    await until("it to go", async () => {
      await scene.worker.observe()
      return (await run(findService(organization.id, "notes-old"))) === null ? true : null
    })
  })

  it("keeps the newest revisions, and the one that is live", async () => {
    const { id } = (await stackNow("notes"))!
    const sql = await run(SqlClient.SqlClient)
    await run(
      sql`insert into stack_revision (stack_id, organization_id, number, kind, template_version, settings, parts,
            status, created_by, finished_at)
          select stack_id, organization_id, n, kind, template_version, settings, parts, 'failed', created_by, now()
          from stack_revision, generate_series(8, 70) n where stack_id = ${id} and number = 7` as never,
    )
    await run(
      sql`insert into stack_step (stack_id, organization_id, revision, key, state)
          select stack_id, organization_id, n, key, 'skipped'
          from stack_step, generate_series(8, 70) n where stack_id = ${id} and revision = 7` as never,
    )
    await run(sql`update stack set revision_count = 70 where id = ${id}` as never)
    await run(updateStack(organization, user, "notes", { services: { web: { replicas: 2 } } }))
    const { revision } = await ended("notes", 71)
    expect(stepsOf(revision)).toEqual(["db unchanged", "web live"])
    const kept = (await run(
      sql`select number from stack_revision where stack_id = ${id} order by number` as never,
    )) as ReadonlyArray<{ number: number }>
    expect(kept.map(({ number }) => number)).toEqual([7, ...Array.from({ length: 50 }, (_, at) => 22 + at)])
  })

  /** What the step that deploys `notes-db` says after something, all of which is undone. */
  const stepAfter = async (
    before: (sql: SqlClient.SqlClient, id: string) => Effect.Effect<unknown, unknown>,
  ) => {
    const sql = await run(SqlClient.SqlClient)
    const step = Effect.gen(function* () {
      const stack = (yield* lockStack(organization.id, "notes"))!
      yield* before(sql, stack.id)
      const { parts } = yield* newestRevision(organization.id, stack.id)
      return yield* startStep(stack, user, parts.find(({ key }) => key === "db")!, null)
    })
    return run(sql.withTransaction(step) as never)
  }

  it("does not revive a service that is still being deleted", async () => {
    const deleting = stepAfter((sql) => sql`update service set wish = 'deleted' where name = 'notes-db'`)
    await expect(deleting).rejects.toThrow("still being deleted")
  })

  it("takes back no service that another stack before it left", async () => {
    const left = stepAfter((sql, id) =>
      Effect.andThen(
        sql`update service set stack_id = null where name = 'notes-db'`,
        sql`update stack_step set release_id = null where stack_id = ${id}`,
      ),
    )
    await expect(left).rejects.toThrow('The name "notes-db" is taken.')
  })

  it("takes back a service that it has set free, and goes back to nothing without it", async () => {
    const before = (await run(findService(organization.id, "notes-db")))!
    const sql = await run(SqlClient.SqlClient)
    await run(
      sql`update service set wish = 'stopped', live_deployment_id = null, stack_id = null
        where id = ${before.id}` as never,
    )
    await expect(run(rollBackStack(organization, user, "notes", 7))).rejects.toThrow("the service of db")
    await run(updateStack(organization, user, "notes", {}))
    const { revision } = await ended("notes", 72)
    expect(stepsOf(revision)).toEqual(["db live", "web unchanged"])
    const after = (await run(findService(organization.id, "notes-db")))!
    expect(after).toMatchObject({ id: before.id, volume: before.volume, environment: before.environment })
    expect((await stackNow("notes"))!.services.map(({ name }) => name)).toContain("notes-db")
  })

  it("may leave what has a volume: stopped, by itself, without the stack's secrets", async () => {
    await run(deleteStack(organization, "notes", "keep"))
    await isGone("notes")
    const services = await run(listServices(organization.id))
    expect(services).toMatchObject([{ name: "notes-db", state: "stopped", stack: null, environment: {} }])
  })
})
