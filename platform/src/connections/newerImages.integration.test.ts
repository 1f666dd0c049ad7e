import type { Desired } from "@skypanel/contract/AgentProtocol"
import type { BuildAssignment, BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { ImageCheck } from "@skypanel/contract/ImageCheck"
import { Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { organization, type RepositoryScene, startRepositoryScene, user } from "../../test/repositoryScene.ts"
import { succeeded } from "../../test/scriptedFleet.ts"
import { rollBack } from "../deploy/requests/existingRelease.ts"
import { updateService } from "../deploy/requests/update.ts"
import { newOrganizationId } from "../domain/id.ts"
import { changeImagePolicy, checkImage, imageCheckAfter } from "./imageChecks.ts"
import { runPolling } from "./polling.ts"
import { giveRegistry, registriesOf } from "./registries.ts"

const postgres = usePostgres()
let scene: RepositoryScene
let polling: Fiber.Fiber<void>
const run: RepositoryScene["run"] = (effect) => scene.run(effect)

const digest = (digit: number) => `sha256:${String(digit).repeat(64)}`
/** Where the tag of each service's image leads. */
const tags = new Map<string, string>()
/** Digests that cannot be fetched, services whose registry refuses, and builders that do not answer. */
const broken = new Set<string>()
const refused = new Map<string, DeploymentFailure["code"]>()
const silent = new Set<string>()
const asked: Array<BuildAssignment> = []

const failure = (code: DeploymentFailure["code"]): DeploymentFailure => ({
  ...{ step: "building", code, title: `It is ${code}.`, detail: "seen", next: "Wait.", lines: [] },
  location: null,
})

const answer =
  (builder: string) =>
  (build: BuildAssignment): BuildObserved => {
    const { id, serviceName, source, poll } = build
    const reference = source._tag === "image" ? source.reference : ""
    const revision = reference.split("@")[1] ?? tags.get(serviceName) ?? digest(1)
    const quick = succeeded(id)
    if (poll) asked.push(build)
    if (poll && silent.has(builder)) return { ...quick, phase: "fetching", result: null }
    const code = poll ? refused.get(serviceName) : broken.has(revision) ? "registry-failed" : undefined
    if (code !== undefined) return { ...quick, phase: "failed", result: null, failure: failure(code) }
    return poll ? { ...quick, result: null, revision } : { ...quick, result: { ...quick.result!, revision } }
  }
const answers =
  (builder: string) =>
  ({ builds }: Desired) =>
    builds.map(answer(builder))

const sql = <A>(query: (sql: SqlClient.SqlClient) => Effect.Effect<A, unknown>) =>
  run(Effect.flatMap(SqlClient.SqlClient, query)) as Promise<A>
const read = (name: string) => run(imageCheckAfter(organization, name, 0))
const seen = (name: string, what: string, isIt: (check: ImageCheck) => boolean) =>
  until(`${name}: ${what}`, async () => {
    await scene.builder.observe()
    const check = await read(name)
    return isIt(check) ? check : null
  })
const ended = (name: string) => seen(name, "no check to be under way", ({ progress }) => progress === "none")
/** As if all answers so far were old. */
const age = () => sql((sql) => sql`update poll set answered_at = answered_at - interval '2 days'`)
const checked = async (name: string) => {
  await age()
  await run(checkImage(organization, name))
  return ended(name)
}
/** As if the time of what is checked by itself had come. */
const polled = async (name: string) => {
  await age()
  const before = asked.length
  await until(`${name} to be asked`, async () => {
    await scene.builder.observe()
    return asked.slice(before).some(({ serviceName }) => serviceName === name) ? true : null
  })
  return ended(name)
}
const live = async (name: string, reference = `ghcr.io/acme/${name}:1`) => {
  await scene.createFrom(name, { _tag: "image", reference })
  await deployed(name, 1, "live")
}
const deployed = (name: string, number: number, status: string) =>
  until(`deployment ${number} of ${name} to be ${status}`, async () => {
    await scene.builder.observe()
    const newest = (await scene.deployments(name))[0]
    return newest?.number === number && newest.status === status ? newest : null
  })
const policy = (name: string, action: ImageCheck["action"]) =>
  run(changeImagePolicy(organization, name, { action, minutes: 60 }))

beforeAll(async () => {
  scene = await startRepositoryScene(await postgres().database())
  scene.builder.script = { ...scene.builder.script, builds: answers("first") }
  polling = await run(Effect.forkDetach(runPolling))
  await run(
    giveRegistry(organization, user, { registry: "ghcr.io", username: "robot", password: "a-password" }),
  )
}, 60_000)
afterAll(async () => {
  if (polling !== undefined) await run(Fiber.interrupt(polling))
  await scene?.close()
})

describe("an image that is checked by hand", () => {
  it("is asked of a builder, with the organization's credential, and found to be what serves, or not", async () => {
    await live("web")
    expect(await read("web")).toMatchObject({ state: "unknown", found: null, checkedAt: null, action: "off" })
    asked.length = 0
    expect(await checked("web")).toMatchObject({
      ...{
        reference: "ghcr.io/acme/web:1",
        state: "current",
        serves: digest(1),
        failure: null,
        nextAt: null,
      },
      found: { digest: digest(1), deployment: 1 },
    })
    const login = { _tag: "token", username: "robot", token: "a-password" }
    expect(asked[0]).toMatchObject({ source: { reference: "ghcr.io/acme/web:1" }, access: login })
    expect((await run(registriesOf(organization)))[0]?.lastUsedAt).toEqual(expect.any(String))
    tags.set("web", digest(2))
    const newer = await checked("web")
    expect(newer).toMatchObject({ state: "newer", found: { digest: digest(2), deployment: null } })
    expect((await checked("web")).found).toEqual(newer.found)
    expect(await scene.deployments("web")).toHaveLength(1)
    expect(scene.told).toEqual([])
  })

  it("says why it cannot be asked, and what was known before", async () => {
    refused.set("web", "credential-refused")
    expect(await checked("web")).toMatchObject({
      failure: {
        code: "credential-refused",
        title: "It is credential-refused.",
        detail: "seen",
        next: "Wait.",
      },
      ...{ state: "newer", found: { digest: digest(2) } },
    })
    refused.clear()
    expect((await checked("web")).failure).toBeNull()
  })

  it("is nobody else's, and nothing where there is nothing to check", async () => {
    const others = { ...organization, id: newOrganizationId() }
    await scene.create("code", "https://git.example.com/acme/code.git")
    await live("fixed", `ghcr.io/acme/fixed@${digest(1)}`)
    expect(await read("fixed")).toMatchObject({ state: "fixed", found: null })
    const refusals = [
      run(Effect.flip(checkImage(others, "web"))),
      run(Effect.flip(checkImage(organization, "code"))),
      run(Effect.flip(checkImage(organization, "fixed"))),
      run(Effect.flip(changeImagePolicy(organization, "fixed", { action: "deploy" }))),
    ]
    expect((await Promise.all(refusals)).map(({ _tag }) => _tag)).toEqual([
      ...["NotFound", "NotPossibleNow", "NotPossibleNow", "NotPossibleNow"],
    ])
  })
})

describe("an image with a policy", () => {
  const tellings = () => scene.told.filter(({ kind }) => kind === "image").map(({ title }) => title)

  it("that notifies tells members of each newer digest once", async () => {
    await policy("web", "notify")
    await until("members to be told", async () => (tellings().length > 0 ? true : null))
    expect(await polled("web")).toMatchObject({ state: "newer", nextAt: expect.any(String) })
    tags.set("web", digest(1))
    await polled("web")
    tags.set("web", digest(2))
    await polled("web")
    expect(tellings()).toEqual(["web (acme): there is a newer image of ghcr.io/acme/web:1."])
    tags.set("web", digest(3))
    await polled("web")
    await until("members to be told again", async () => (tellings().length > 1 ? true : null))
    expect(await scene.deployments("web")).toHaveLength(1)
  })

  it("that deploys brings exactly the digest that was found, and each once", async () => {
    await policy("web", "deploy")
    expect(await deployed("web", 2, "live")).toMatchObject({
      ...{ trigger: "push", createdBy: "polling", revision: digest(3) },
      source: { reference: "ghcr.io/acme/web:1" },
    })
    expect(await polled("web")).toMatchObject({ state: "current", found: { deployment: 2 } })
    // What somebody has gone back from is not brought again.
    await run(rollBack(organization, user, "web", 1))
    await deployed("web", 3, "live")
    expect(await polled("web")).toMatchObject({ state: "newer", found: { digest: digest(3), deployment: 2 } })
    expect(await scene.deployments("web")).toHaveLength(3)
  })

  it("that deploys tries none again that did not get live, whatever else changes", async () => {
    broken.add(digest(4))
    tags.set("web", digest(4))
    await polled("web")
    expect(await deployed("web", 4, "failed")).toMatchObject({ revision: digest(4) })
    await polled("web")
    await run(updateService(organization, user, "web", { environment: { A: "1" } }))
    await deployed("web", 5, "live")
    expect(await polled("web")).toMatchObject({ state: "newer", found: { digest: digest(4), deployment: 4 } })
    await policy("web", "notify")
    await policy("web", "deploy")
    await polled("web")
    expect(await scene.deployments("web")).toHaveLength(5)
    expect(tellings()).toHaveLength(2)
    tags.set("web", digest(5))
    await polled("web")
    await deployed("web", 6, "live")
    tags.set("web", digest(4))
    expect(await polled("web")).toMatchObject({ state: "newer", found: { deployment: 4 } })
    tags.set("web", digest(5))
    await polled("web")
    expect(await scene.deployments("web")).toHaveLength(6)
  })

  it("is begun anew with another source", async () => {
    await run(
      updateService(organization, user, "web", { source: { _tag: "image", reference: "quay.io/web:2" } }),
    )
    expect(await read("web")).toMatchObject({ reference: "quay.io/web:2", found: null, checkedAt: null })
    await deployed("web", 7, "live")
    expect(await ended("web")).toMatchObject({ state: "current", found: { digest: digest(5) } })
    await policy("web", "off")
  })
})

describe("a registry that is asked too often", () => {
  const limits = () =>
    sql(
      (sql) => sql<{
        minutes: number
      }>`select round(extract(epoch from limited_until - answered_at) / 60)::int as minutes
        from poll where limited_until is not null`,
    )
  const overNow = () =>
    sql((sql) => sql`update poll set limited_until = now() where limited_until is not null`)

  it("is left alone by the whole organization, longer each time, until that is over or there is another credential", async () => {
    for (const name of ["one", "other"]) await live(name)
    refused.set("one", "registry-limited")
    await checked("one")
    await overNow()
    const check = await checked("one")
    expect(check).toMatchObject({ progress: "none", failure: { code: "registry-limited" } })
    expect(await limits()).toEqual([{ minutes: 30 }])
    expect(await run(Effect.flip(checkImage(organization, "other")))).toMatchObject({
      _tag: "NotPossibleNow",
      message: expect.stringContaining("ghcr.io was asked too often"),
    })
    asked.length = 0
    await policy("other", "notify")
    expect(await read("other")).toMatchObject({ progress: "none", checkedAt: null })
    // Another registry's turn comes, and with it theirs had come.
    await checked("web")
    expect(new Set(asked.map(({ serviceName }) => serviceName))).toEqual(new Set(["web"]))
    refused.clear()
    await run(
      giveRegistry(organization, user, { registry: "ghcr.io", username: "robot", password: "another" }),
    )
    expect(await seen("other", "it to be asked", ({ checkedAt }) => checkedAt !== null)).toMatchObject({
      state: "current",
    })
    await checked("one")
    expect(await limits()).toEqual([])
  })

  it("gets so many questions of an organization at once", async () => {
    const isOpen = () => sql((sql) => sql`select from poll where asked_id is not null`)
    silent.add("first")
    await sql(
      (
        sql,
      ) => sql`with made as (insert into service select (jsonb_populate_record(s, to_jsonb(s) || jsonb_build_object(
          'id', 'svc_' || left(md5('many' || n), 24), 'name', 'many-' || n, 'host', 'many-' || n))).*
        from service s, generate_series(1, 15) n where s.name = 'one' returning id, organization_id)
      insert into poll (service_id, organization_id, kind, action, registry, wanted_at)
        select id, organization_id, 'image', 'off', 'ghcr.io', now() from made`,
    )
    await until("ten to be asked", async () => ((await isOpen()).length === 10 ? true : null))
    await run(checkImage(organization, "web"))
    expect((await read("web")).progress).toBe("waiting")
    expect(await isOpen()).toHaveLength(10)
    await sql((sql) => sql`delete from service where name like 'many-%'`)
  })
})

describe("a builder that is lost with a question", () => {
  it("is given up for another one; without any it is said why nothing comes", async () => {
    expect(
      await seen("web", "a builder to have the question", ({ progress }) => progress === "checking"),
    ).toMatchObject({ waitsFor: null })
    scene.builder.say({ _tag: "stopping", why: "stopped" })
    await scene.builder.stop()
    expect(await seen("web", "a reason", ({ waitsFor }) => waitsFor !== null)).toMatchObject({
      ...{ progress: "waiting", waitsFor: "no builder is connected that could ask the registry" },
    })
    // One that knows no images is not asked.
    await scene.addWorker({ roles: ["builder"] })
    const second = await scene.addWorker({ roles: ["builder"], checkSlots: 2 })
    second.script = { ...second.script, builds: answers("second") }
    const check = await until("the second builder's answer", async () => {
      await second.observe()
      const check = await read("web")
      return check.progress === "none" ? check : null
    })
    expect(check).toMatchObject({ state: "current", failure: null })
  })
})
