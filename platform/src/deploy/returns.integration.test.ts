import { Effect } from "effect"
import { SqlClient } from "effect/sql"
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
import { setWatch } from "./requests/watch.ts"
import { lookAfterReleases } from "./returns.ts"

/** Releases that turn bad in their first minutes, over a real database and workflow engine; the worker is scripted. */

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

const deployment = (name: string, number: number) =>
  run(
    Effect.flatMap(findService(organization.id, name), (service) =>
      findDeployment(organization.id, service!.id, number),
    ),
  )

const live = (name: string, number: number) =>
  until(
    `deployment ${number} of ${name} to be live`,
    async () => {
      await worker.observe()
      const found = await deployment(name, number)
      return found?.status === "live" ? found : null
    },
    20,
  )

/** What is live, and a change of it that is live too. */
const changed = async (name: string) => {
  await run(createService(organization, user, { name, source }))
  await live(name, 1)
  return change(name, "1", 2)
}

const change = async (name: string, value: string, number: number) => {
  await run(updateService(organization, user, name, { environment: { A: value } }))
  return live(name, number)
}

const watches = async () =>
  (
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ count: number }>`select count(*)::int as count from release_watch`,
      ),
    )
  )[0]!.count

const watched = async (of: string) =>
  (
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`select from release_watch where deployment_id = ${of}`,
      ),
    )
  ).length > 0

/** As if all of them had been looked after to the end, so long ago. */
const endedSince = (minutes: number) =>
  run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`update release_watch set ends_at = now() - make_interval(mins => ${minutes}::int)`,
    ),
  )

const seeAs = async (what: Partial<ReturnType<Script["container"]>>, of: string) => {
  worker.script = {
    ...healthy,
    container: (container) => (container.deploymentId === of ? { ...container, ...what } : container),
  }
  await worker.observe()
}

/** Ends three times, each time as a container of its own, with a look at each. */
const exitThrice = async (of: string, look = () => run(lookAfterReleases(0))) => {
  for (const containerId of ["first", "second", "third"]) {
    const observed = {
      containerId: `${containerId}-${of}`,
      state: "exited",
      healthy: false,
      exitCode: 1,
    } as const
    await seeAs(observed, of)
    await until("the end to be known", async () => {
      const rows = await run(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`select 1 from instance where container_id = ${observed.containerId}`,
        ),
      )
      return rows.length > 0 ? true : null
    })
    await look()
  }
}

describe("a release that keeps exiting in its first minutes", () => {
  it("gives way to the one before, whose configuration is the service's again, and its owner is told", async () => {
    const bad = await changed("web")
    await exitThrice(bad.id)
    const back = await live("web", 3)
    expect(back).toMatchObject({ trigger: "return", release: 1, environment: {}, createdBy: null })
    const reason = expect.stringMatching(/^exit code 1 three times within \d+ seconds$/)
    expect(back.returned).toEqual({ deployment: 2, reason })
    expect(await deployment("web", 2)).toMatchObject({ status: "live", returned: { deployment: 3, reason } })
    expect(await run(findService(organization.id, "web"))).toMatchObject({ release: 1, environment: {} })
    expect(fleet.told.filter(({ kind }) => kind === "returned")).toMatchObject([
      { title: "web (acme): deployment 2 turned bad; release 1 is deployed again." },
    ])
  })

  it("is gone back from once: what came back is not looked after", async () => {
    expect(await watches()).toBe(0)
    const back = (await deployment("web", 3))!
    await exitThrice(back.id)
    expect(await deployment("web", 4)).toBeNull()
    worker.script = healthy
    await worker.observe()
  })
})

describe("a release that gave its service a port, and turned bad", () => {
  it("gives way to the one before, which runs without one", async () => {
    await run(createService(organization, user, { name: "bot", source, port: null }))
    await live("bot", 1)
    await run(updateService(organization, user, "bot", { port: 3000, healthPath: "/ok" }))
    const bad = await live("bot", 2)
    await exitThrice(bad.id)
    expect(await live("bot", 3)).toMatchObject({ trigger: "return", port: null, healthPath: null })
    expect(await run(findService(organization.id, "bot"))).toMatchObject({ port: null, url: null })
    worker.script = healthy
    await worker.observe()
  })
})

describe("a release without a port that keeps exiting", () => {
  it("gives way to the one before, too", async () => {
    await run(createService(organization, user, { name: "queue", source, port: null }))
    await live("queue", 1)
    const bad = await change("queue", "1", 2)
    await exitThrice(bad.id)
    expect(await live("queue", 3)).toMatchObject({ trigger: "return", release: 1, port: null })
    worker.script = healthy
    await worker.observe()
  })
})

describe("a look at a release whose service somebody is changing", () => {
  it("does not wait for them, as they may wait for it, and is made up for", async () => {
    const bad = await changed("held")
    const lookMeanwhile = () =>
      run(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* sql`select from service where name = 'held' for update`
          yield* Effect.promise(() => run(lookAfterReleases(0))).pipe(Effect.timeout("5 seconds"))
          // What switching it off, or deleting the service, does.
          yield* sql`select from release_watch where deployment_id = ${bad.id} for update`
        }).pipe((effect) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(effect))),
      )
    let looks = 0
    await exitThrice(bad.id, () => (++looks < 3 ? run(lookAfterReleases(0)) : lookMeanwhile()))
    expect(await deployment("held", 3)).toBeNull()
    await run(lookAfterReleases(0))
    expect(await live("held", 3)).toMatchObject({ trigger: "return", release: 1 })
    worker.script = healthy
    await worker.observe()
  })
})

describe("a deployment that ended unchanged meanwhile", () => {
  it("keeps nothing from being gone back from: it said the same again", async () => {
    const bad = await changed("again")
    fleet.images.same = true
    await run(redeployService(organization, user, "again"))
    expect(await live("again", 3)).toMatchObject({ release: 2, receipt: { unchanged: true } })
    fleet.images.same = false
    await exitThrice(bad.id)
    expect(await live("again", 4)).toMatchObject({ trigger: "return", release: 1 })
    worker.script = healthy
    await worker.observe()
  })
})

describe("a deployment that is under way when a release turns bad", () => {
  it("is waited for, and when it ended unchanged the release before is deployed", async () => {
    const bad = await changed("waiting")
    const building = healthy
    healthy = { ...healthy, builds: () => [] }
    worker.script = healthy
    await run(redeployService(organization, user, "waiting"))
    await exitThrice(bad.id)
    expect(await deployment("waiting", 4)).toBeNull()
    // Also beyond its end, but not for ever.
    await endedSince(20)
    await run(lookAfterReleases(0))
    expect(await watched(bad.id)).toBe(true)
    // The release is up just when the other one ends.
    healthy = building
    worker.script = healthy
    fleet.images.same = true
    expect(await live("waiting", 3)).toMatchObject({ receipt: { unchanged: true } })
    fleet.images.same = false
    await run(lookAfterReleases(0))
    expect(await live("waiting", 4)).toMatchObject({ trigger: "return", release: 1 })
    expect(await deployment("waiting", 2)).toMatchObject({ returned: { deployment: 4 } })
  })
})

describe("a deployment that failed meanwhile", () => {
  it("keeps nothing from being gone back from: what serves is what it was", async () => {
    const bad = await changed("mended")
    worker.script = {
      ...healthy,
      builds: ({ builds }) =>
        builds.map(({ id }) => ({
          ...succeeded(id),
          phase: "failed",
          result: null,
          failure: {
            step: "building",
            code: "build-failed",
            title: "It does not build.",
            detail: "",
            next: "",
            lines: [],
            location: null,
          },
        })),
    }
    await run(redeployService(organization, user, "mended"))
    await until("it to fail", async () => {
      await worker.observe()
      return (await deployment("mended", 3))?.status === "failed" ? true : null
    })
    worker.script = healthy
    await exitThrice(bad.id)
    expect(await live("mended", 4)).toMatchObject({ trigger: "return", release: 1 })
    worker.script = healthy
    await worker.observe()
  })
})

describe("nothing is gone back from", () => {
  it("that is healthy, and a look takes nothing from what was seen", async () => {
    await changed("fine")
    expect(await watches()).toBe(1)
    for (let looks = 0; looks < 5; looks++) await run(lookAfterReleases(0))
    expect(await deployment("fine", 3)).toBeNull()
  })

  it("whose worker is what is bad", async () => {
    const found = await changed("unlucky")
    await run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`update worker set state = 'degraded'`))
    await seeAs({ healthy: false }, found.id)
    for (let looks = 0; looks < 5; looks++) {
      await run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`update worker set state = 'degraded'`))
      await run(lookAfterReleases(0))
    }
    expect(await deployment("unlucky", 3)).toBeNull()
    worker.script = healthy
    await worker.observe()
  })

  it("where it is switched off, after a rollback, and for a first release", async () => {
    const before = await watches()
    await run(createService(organization, user, { name: "off", source }))
    await live("off", 1)
    expect(await watches()).toBe(before)
    await change("off", "1", 2)
    expect(await watches()).toBe(before + 1)
    await run(setWatch(organization, "off", 0))
    expect(await watches()).toBe(before)
    await change("off", "2", 3)
    await run(setWatch(organization, "off", 60))
    await run(rollBack(organization, user, "off", 1))
    await live("off", 4)
    expect(await watches()).toBe(before)
  })

  it("where what it would go back to was gone back from itself", async () => {
    const bad = await changed("twice")
    // The return failed: what turned bad stayed live.
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql`update deployment set returned_reason = 'unhealthy', returned_by = 3 where id = ${bad.id}`,
      ),
    )
    const before = await watches()
    await change("twice", "2", 3)
    expect(await watches()).toBe(before)
  })

  it("when its owner has ordered something else meanwhile", async () => {
    const bad = await changed("busy")
    worker.script = {
      ...healthy,
      container: (container) => ({ ...container, healthy: container.deploymentId !== bad.id }),
    }
    await run(updateService(organization, user, "busy", { environment: { A: "3" } }))
    await exitThrice(bad.id)
    worker.script = healthy
    expect(await live("busy", 3)).toMatchObject({ trigger: "configuration", environment: { A: "3" } })
    expect(await deployment("busy", 4)).toBeNull()
  })

  it("that has waited for half an hour beyond its end", async () => {
    const bad = await changed("forever")
    const building = { ...healthy, builds: () => [] }
    const before = healthy
    healthy = building
    worker.script = building
    await run(redeployService(organization, user, "forever"))
    await exitThrice(bad.id)
    await endedSince(31)
    await run(lookAfterReleases(0))
    expect(await watched(bad.id)).toBe(false)
    healthy = before
    worker.script = healthy
    await live("forever", 3)
  })
})
