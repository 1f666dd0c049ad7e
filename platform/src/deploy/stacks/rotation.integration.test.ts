import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { until } from "../../../../test/lab/until.ts"
import { useScriptedFleet } from "../../../test/useScriptedFleet.ts"
import { newOrganizationId } from "../../domain/id.ts"
import { listAudit } from "../../store/Audit.ts"
import { listReleases } from "../../store/DeploymentViews.ts"
import { findService } from "../../store/ServiceViews.ts"
import { stackSecrets } from "../../store/StackSecrets.ts"
import { findStack } from "../../store/StackViews.ts"
import { restartService, rollBack } from "../requests/existingRelease.ts"
import { updateService } from "../requests/update.ts"
import { rollBackStack, updateStack } from "./change.ts"
import { createStack } from "./create.ts"
import { revealSecret } from "./reveal.ts"
import { rotateSecret } from "./rotate.ts"

/** A secret that gets another value, over a real database and workflow engine; worker and images are scripted. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const other = { id: newOrganizationId(), slug: "other", name: "Other", role: "owner" } as const
const user = "somebody@example.com"

const scene = useScriptedFleet()
const { run, everything, workloads } = scene

const stackNow = async () => (await run(findStack(organization.id, "shop")))!
const service = async (name: string) => (await run(findService(organization.id, name)))!
const secretNow = async () => (await run(revealSecret(organization, user, "shop", "db.password"))).value
const rotate = () => run(rotateSecret(organization, user, "shop", "db.password"))

const ended = (number: number) =>
  until(
    `revision ${number} to end`,
    async () => {
      await scene.worker.observe()
      const revision = (await stackNow()).revisions.find((one) => one.number === number)
      return revision?.finishedAt != null ? revision : null
    },
    20,
  )
const stepsOf = ({
  steps,
}: {
  readonly steps: ReadonlyArray<{ readonly key: string; readonly state: string }>
}) => steps.map(({ key, state }) => `${key} ${state}`)

const live = (name: string, number: number) =>
  until(`deployment ${number} of ${name}`, async () => {
    await scene.worker.observe()
    const { deployment } = await service(name)
    return deployment?.number === number && deployment.status === "live" ? true : null
  })

/** What the containers that are there were started with: of each service that variable, once nothing else of it is left. */
const passwords = () =>
  until("one container of each service", async () => {
    await scene.worker.observe()
    const placed = await workloads()
    const found = placed.map(({ serviceName, environment }) => [
      serviceName,
      environment.POSTGRES_PASSWORD ?? environment.DATABASE_URL?.replace(/^.*:(.*)@.*$/, "$1"),
    ])
    return found.length === 2 ? Object.fromEntries(found) : null
  })

/** Containers of the service's deployments to come exit at once. */
const breaking = async (name: string) => {
  const { script } = scene.worker
  const { id, deployment } = await service(name)
  scene.worker.script = {
    ...script,
    container: (one) =>
      one.serviceId !== id || one.deploymentId === deployment!.id
        ? one
        : { ...one, state: "exited", healthy: false, exitCode: 3, lastLines: [] },
  }
  return () => {
    scene.worker.script = script
  }
}

const versions = () =>
  run(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.map(
        sql<{ version: number }>`select version from stack_secret_version order by version`,
        (rows) => rows.map(({ version }) => version),
      ),
    ),
  )

describe("a secret that is rotated", () => {
  it("gets another value: its service first, then what refers to it", async () => {
    await run(createStack(organization, user, { name: "shop", template: "web-postgres" }))
    await ended(1)
    const before = await secretNow()
    expect(await passwords()).toEqual({ "shop-db": before, "shop-web": before })

    const healthy = scene.worker.script
    scene.worker.script = { ...healthy, container: (one) => ({ ...one, healthy: false }) }
    await rotate()
    await until("the database to be started with the new one", async () => {
      await scene.worker.observe()
      const placed = await workloads()
      const database = placed.filter(({ serviceName }) => serviceName === "shop-db")
      return database.length === 1 && database[0]!.environment.POSTGRES_PASSWORD !== before ? true : null
    })
    // Nobody else is given it before the database has it.
    expect(await secretNow()).toBe(before)
    expect(stepsOf((await stackNow()).revisions[0]!)).toEqual(["db deploying", "web waiting"])
    scene.worker.script = healthy

    const revision = await ended(2)
    expect(revision).toMatchObject({ status: "live", kind: "rotate", secret: "db.password" })
    expect(stepsOf(revision)).toEqual(["db live", "web live"])
    const now = await secretNow()
    expect(now).not.toBe(before)
    expect(await passwords()).toEqual({ "shop-db": now, "shop-web": now })
    const [secret] = (await stackNow()).secrets
    expect(secret).toMatchObject({ version: 2, rotatedAt: expect.any(String) })
  }, 60_000)

  it("is nowhere in clear, its old value nowhere at all, and who did it is written down", async () => {
    expect(await everything()).not.toContain(await secretNow())
    expect(await versions()).toEqual([2])
    const [event] = await run(listAudit(null))
    expect(event).toMatchObject({ actor: user, action: "stack.secret-rotated" })
    expect(event!.text).toContain("db.password of the stack shop (acme)")
  })

  it("is another organization's affair for nobody", async () => {
    await expect(run(rotateSecret(other, user, "shop", "db.password"))).rejects.toThrow("no stack")
    await expect(run(rotateSecret(organization, user, "shop", "web.password"))).rejects.toThrow(
      "has no secret",
    )
    expect(await versions()).toEqual([2])
  })

  it("stays as it was where its service cannot be deployed, and nothing else is touched", async () => {
    const before = await secretNow()
    const mend = await breaking("shop-db")
    await rotate()
    const revision = await ended(3)
    mend()
    expect(revision).toMatchObject({ status: "failed", failure: { key: "db" } })
    expect(stepsOf(revision)).toEqual(["db failed", "web skipped"])
    expect(await secretNow()).toBe(before)
    expect(await versions()).toEqual([2])
    // The database before is started again, with the value that it sets.
    expect(await passwords()).toEqual({ "shop-db": before, "shop-web": before })
    expect((await service("shop-web")).deployment!.number).toBe(2)
    expect((await stackNow()).revisions).toHaveLength(3)
  })

  it("goes back to its value of before where another service cannot be deployed with the new one", async () => {
    const before = await secretNow()
    const mend = await breaking("shop-web")
    await rotate()
    expect(stepsOf(await ended(4))).toEqual(["db live", "web failed"])
    mend()
    const back = await ended(5)
    expect(back).toMatchObject({ status: "live", kind: "return", secret: "db.password", createdBy: user })
    expect(stepsOf(back)).toEqual(["db live", "web unchanged"])
    expect(await secretNow()).toBe(before)
    expect(await passwords()).toEqual({ "shop-db": before, "shop-web": before })
    expect(await versions()).toEqual([2])
    expect((await stackNow()).state).toBe("live")
    expect((await run(listAudit(null)))[0]).toMatchObject({ action: "stack.secret-returned" })
  })

  it("counts as soon as its service is live with it, before any look has noticed", async () => {
    const { id } = await stackNow()
    const sql = await run(SqlClient.SqlClient)
    const seen = sql.withTransaction(
      Effect.gen(function* () {
        const { sealed, sealing_key } = (yield* sql<{
          sealed: string
          sealing_key: string
        }>`select * from stack_secret_version`)[0]!
        yield* sql`insert into stack_secret_version (stack_id, organization_id, name, version, sealed, sealing_key)
          values (${id}, ${organization.id}, 'db.password', 9, ${sealed}, ${sealing_key})`
        yield* sql`update stack_secret set next_version = 9, next_deployment_id = (select live_deployment_id
          from service where name = 'shop-db')`
        const { current } = yield* stackSecrets(organization.id, id)
        return yield* Effect.fail(current.get("db.password")!.version)
      }),
    )
    expect(await run(Effect.flip(seen as never))).toBe(9)
  })
})

describe("a rollback", () => {
  it("of a stack gives the secrets as they are now, and says so", async () => {
    const now = await secretNow()
    const before = (await stackNow()).revisions.find(({ number }) => number === 1)!
    expect(before.secretsOfNow).toEqual(["db.password"])
    await run(updateStack(organization, user, "shop", { services: { web: { replicas: 2 } } }))
    await ended(6)
    await run(rollBackStack(organization, user, "shop", 1))
    expect(stepsOf(await ended(7))).toEqual(["db unchanged", "web live"])
    expect(await passwords()).toEqual({ "shop-db": now, "shop-web": now })
  })

  it("of one service does so too", async () => {
    await run(updateService(organization, user, "shop-web", { environment: { OWN: "${db.password}" } }))
    await live("shop-web", 6)
    const { id } = await service("shop-web")
    const releases = await run(listReleases(organization.id, id))
    expect(releases.map(({ number, secretsOfNow }) => [number, secretsOfNow])).toEqual([
      [3, []],
      [2, []],
      [1, ["db.password"]],
    ])
    await run(rollBack(organization, user, "shop-web", 1))
    await live("shop-web", 7)
    const now = await secretNow()
    expect(await passwords()).toEqual({ "shop-db": now, "shop-web": now })
  })

  it("deploys also what has its release already, and was started with what will not be so any more", async () => {
    await run(updateService(organization, user, "shop-db", { port: 5433 }))
    await live("shop-db", 6)
    await run(restartService(organization, user, "shop-web"))
    await live("shop-web", 8)
    await run(rollBackStack(organization, user, "shop", 7))
    expect(stepsOf(await ended(8))).toEqual(["db live", "web live"])
    const url = async () => {
      const placed = await workloads()
      await scene.worker.observe()
      return placed.flatMap(({ environment }) => environment.DATABASE_URL?.split("@")[1] ?? [])
    }
    await until("the port of then", async () => ((await url()).join() === "shop-db:5432/app" ? true : null))
  })
})
