import { Effect, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { storeFor } from "../../test/store.ts"
import { cutoffOf } from "../artifacts/collection/standing.ts"
import { takeBack } from "../store/BuildQueue.ts"
import { listAllBuilds, listBuilds } from "../store/BuildViews.ts"
import { dealOutBuilds } from "./buildQueue.ts"

/** The queue as rows, and the transaction that deals it out; of several at the same time as well. */

const postgres = usePostgres()
let runtime: ManagedRuntime.ManagedRuntime<unknown, never>
const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> => runtime.runPromise(effect as never)
const sql = <A extends object>(statement: string) =>
  run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<A>(statement)))
const deal = () => run(dealOutBuilds as Effect.Effect<void>)

const builder = (name: string, slots: number | null) =>
  sql(`insert into worker (id, name, roles, granted_roles, takes_new, hello) values ('${name}', '${name}',
    '{builder}', '{builder}', true, ${slots === null ? "null" : `'{"buildSlots":${slots}}'`})`)

/** A build that waits, of a service of its own unless that is named. */
const wait = async (id: string, organization: string, service = `svc-${id}`) => {
  const columns = "source, environment, resources, port"
  const configuration = "'{}', '{}', '{}', 3000"
  await sql(`insert into service (id, organization_id, organization_slug, name, host, ${columns})
    values ('${service}', '${organization}', '${organization}', '${service}', '${service}.localhost', ${configuration})
    on conflict do nothing`)
  await sql(`insert into deployment (id, organization_id, service_id, number, trigger, ${columns})
    values ('dep-${id}', '${organization}', '${service}', (select count(*) + 1 from deployment
      where service_id = '${service}'), 'deploy', ${configuration})`)
  await sql(`insert into build (id, organization_id, deployment_id, created_at)
    values ('${id}', '${organization}', 'dep-${id}', clock_timestamp())`)
}

interface Row {
  readonly id: string
  readonly worker_id: string | null
  readonly queue_reason: string | null
  readonly failure: { readonly title: string } | null
}
const builds = () => sql<Row>("select id, worker_id, queue_reason, failure from build order by id")
const onBuilders = async () => (await builds()).map(({ id, worker_id }) => `${id}→${worker_id ?? "waits"}`)
const finish = (id: string) =>
  sql(`update build set finished_at = now(), phase = 'succeeded' where id = '${id}'`)

beforeAll(async () => {
  runtime = ManagedRuntime.make(storeFor(await postgres().database()) as never)
})
afterAll(() => runtime?.dispose())
beforeEach(async () => {
  await sql("delete from service")
  await sql("delete from worker")
  await sql("delete from build_turn")
})

describe("builds that wait", () => {
  it("are given to no agent of before when they are of images", async () => {
    await builder("old", 2)
    await wait("a1", "acme")
    await wait("b1", "bolt")
    await sql("update deployment set source = '{\"_tag\":\"image\"}' where id = 'dep-a1'")
    await deal()
    expect(await onBuilders()).toEqual(["a1→waits", "b1→old"])
    await builder("x", 1)
    await sql("update worker set hello = hello || '{\"checkSlots\":2}' where id = 'x'")
    await deal()
    expect(await onBuilders()).toEqual(["a1→x", "b1→old"])
  })

  it("are given to no agent that would build without what their services say", async () => {
    await builder("old", 2)
    await wait("a1", "acme")
    await sql(`update deployment set source = '{"_tag":"git","overrides":{}}' where id = 'dep-a1'`)
    await deal()
    expect(await onBuilders()).toEqual(["a1→waits"])
    await builder("x", 1)
    await sql("update worker set hello = hello || '{\"takesOverrides\":true}' where id = 'x'")
    await deal()
    expect(await onBuilders()).toEqual(["a1→x"])
  })

  it("are given to those only that fetch all that is asked for of a repository", async () => {
    const fetching = (name: string, parts: ReadonlyArray<string>) =>
      sql(`update worker set hello = hello || '{"gitParts":${JSON.stringify(parts)}}' where id = '${name}'`)
    for (const name of ["old", "some"]) await builder(name, 5)
    await fetching("some", ["submodules"])
    const wanting = { a1: '"submodules":true', a2: '"submodules":true,"lfs":true', a3: '"lfs":false' }
    for (const [id, wanted] of Object.entries(wanting)) {
      await wait(id, id)
      await sql(`update deployment set source = '{"_tag":"git",${wanted}}' where id = 'dep-${id}'`)
    }
    await sql("update worker set hello = hello || '{\"buildSlots\":1}' where id = 'some'")
    await deal()
    expect(await onBuilders()).toEqual(["a1→some", "a2→waits", "a3→old"])
    expect((await builds())[1]?.queue_reason).toContain("they have no git-lfs")
    await fetching("old", ["submodules", "lfs"])
    await deal()
    expect((await onBuilders())[1]).toBe("a2→old")
  })

  it("are dealt out to organizations in turn, and those that stay are told why", async () => {
    await builder("x", 2)
    for (const id of ["a1", "a2", "a3"]) await wait(id, "acme")
    await wait("b1", "bolt")
    await deal()
    expect(await onBuilders()).toEqual(["a1→x", "a2→waits", "a3→waits", "b1→x"])
    expect((await builds()).map(({ queue_reason }) => queue_reason)).toEqual([
      null,
      "first; the builder is busy",
      "second; the builder is busy",
      null,
    ])
    await finish("b1")
    await wait("b2", "bolt")
    await deal()
    // Both had one; acme's came first.
    expect(await onBuilders()).toEqual(["a1→x", "a2→x", "a3→waits", "b1→x", "b2→waits"])
    await finish("a1")
    await finish("a2")
    await deal()
    expect((await onBuilders()).slice(2)).toEqual(["a3→x", "b1→x", "b2→x"])
  })

  it("keep their organization's turn when they are deleted, and hide nobody behind them", async () => {
    await builder("x", 1)
    await wait("a1", "acme")
    await deal()
    await sql("delete from service")
    await sql(`insert into template (id, organization_id, name) values ('t', 'acme', 't')`)
    await sql(`insert into template_version (id, template_id, organization_id, number, definition, created_by)
      select 'v' || n, 't', 'acme', n, '{}', '' from generate_series(1, 2100) n`)
    await sql(`insert into build (id, organization_id, template_version_id, created_at)
      select 'a' || n, 'acme', 'v' || n, now() - interval '1 hour' from generate_series(1, 2100) n`)
    await wait("b1", "bolt")
    await deal()
    expect(await sql("select id from build where worker_id = 'x'")).toEqual([{ id: "b1" }])
    await sql("delete from template")
  })

  it("end where they are trials and no builder comes", async () => {
    await sql(`insert into template (id, organization_id, name) values ('t', 'acme', 't')`)
    await sql(`insert into template_version (id, template_id, organization_id, number, definition, created_by)
      values ('v', 't', 'acme', 1, '{}', '')`)
    await sql(`insert into build (id, organization_id, template_version_id, created_at)
      values ('a1', 'acme', 'v', now() - interval '1 day')`)
    const { cutoff, due } = await run(cutoffOf({ graceHours: 1 }))
    expect(cutoff).toEqual(due)
    await deal()
    const title = async () => (await builds())[0]!.failure?.title
    expect(await title()).toBeUndefined()
    await sql("update build set unserved_since = unserved_since - interval '121 seconds'")
    await builder("x", 0)
    await deal()
    await sql("delete from worker")
    await deal()
    expect(await title()).toBeUndefined()
    await sql("update build set unserved_since = unserved_since - interval '121 seconds'")
    await deal()
    expect(await title()).toBe("No builder took the build within 120 seconds.")
    await sql("delete from template")
  })

  it("are two of one organization at most, though a builder is free", async () => {
    await builder("x", 4)
    for (const id of ["a1", "a2", "a3"]) await wait(id, "acme")
    await deal()
    expect(await onBuilders()).toEqual(["a1→x", "a2→x", "a3→waits"])
    expect((await builds())[2]!.queue_reason).toBe("first; the organization runs 2 builds already")
  })

  it("go where their service was built last, unless they would have to wait there", async () => {
    await builder("x", 1)
    await builder("y", null)
    await wait("a1", "acme", "shop")
    await sql("update build set worker_id = 'x', assigned_at = now(), finished_at = now()")
    await wait("a2", "acme", "shop")
    await deal()
    await wait("b1", "bolt", "shop-of-bolt")
    await deal()
    await wait("a3", "acme", "shop")
    await deal()
    expect(await onBuilders()).toEqual(["a1→x", "a2→x", "a3→y", "b1→y"])
  })

  it("are dealt out once, whoever does it at the same time", async () => {
    await builder("x", 3)
    for (const [at, organization] of ["a", "b", "c", "d", "e"].entries()) await wait(`w${at}`, organization)
    await Promise.all(Array.from({ length: 6 }, deal))
    expect((await builds()).filter(({ worker_id }) => worker_id === "x")).toHaveLength(3)
  })

  it("are told their places at once, however many they are", async () => {
    await sql("create sequence if not exists updates")
    await sql(`create or replace function count_update() returns trigger language plpgsql as
      $$ begin perform nextval('updates'); return null; end $$`)
    await sql(
      "create trigger counted after update on build for each statement execute function count_update()",
    )
    await builder("x", 1)
    for (let at = 10; at < 30; at++) await wait(`a${at}`, "acme")
    await deal()
    await sql("drop trigger counted on build")
    const [{ last_value } = {}] = await sql<{ last_value: bigint }>("select last_value from updates")
    // One is dealt out, and trials that nobody served are looked for.
    expect(Number(last_value)).toBe(3)
    expect((await builds()).at(-1)!.queue_reason).toBe("number 19; the builder is busy")
  })

  it("and shall end are not dealt out", async () => {
    await builder("x", 4)
    await wait("a1", "acme")
    await sql("update deployment set cancel_reason = 'A newer one came.'")
    await deal()
    expect(await onBuilders()).toEqual(["a1→waits"])
  })
})

describe("what people see of the queue", () => {
  it("is their own organization's, and for administrators everything", async () => {
    await builder("x", 1)
    await wait("a1", "acme")
    await wait("b1", "bolt")
    await deal()
    expect(await run(listBuilds("bolt" as never))).toMatchObject([
      { organization: "bolt", position: 1, reason: "first; the builder is busy", builder: null },
    ])
    expect(await run(listAllBuilds)).toMatchObject([
      { organization: "acme", builder: "x" },
      { organization: "bolt" },
    ])
  })
})

describe("a build whose builder is lost", () => {
  const lose = (name: string) =>
    sql(
      `update worker set takes_new = false, silent_since = now() - interval '40 seconds' where id = '${name}'`,
    )

  it("goes to another one once, then fails with the reason", async () => {
    for (const name of ["x", "y", "z"]) await builder(name, 1)
    await wait("a1", "acme")
    await deal()
    expect(await onBuilders()).toEqual(["a1→x"])
    await lose("x")
    await deal()
    expect(await onBuilders()).toEqual(["a1→y"])
    await lose("y")
    await deal()
    expect(await onBuilders()).toEqual(["a1→y"])
    expect((await builds())[0]!.failure?.title).toBe("Two builders were lost while they built it.")
  })

  it.each(["stopped", "unhealthy"])(
    "goes to another one though the proxy of the %s one answers",
    async (state) => {
      const since = (seconds: number) =>
        sql(`update worker set takes_new = false, state = '${state}',
        state_since = now() - interval '${seconds} seconds' where id = 'x'`)
      for (const name of ["x", "y"]) await builder(name, 2)
      for (const id of ["a1", "a2"]) await wait(id, "acme")
      await sql("update build set worker_id = 'x', assigned_at = now(), canceled = id = 'a2'")
      await since(10)
      await deal()
      expect(await onBuilders()).toEqual(["a1→x", "a2→x"])
      await since(40)
      await wait("a3", "acme")
      await deal()
      // The canceled one has ended: its organization's slot is free.
      expect(await onBuilders()).toEqual(["a1→y", "a2→x", "a3→y"])
    },
  )

  it("is not taken back when it has just ended, or is another one's by now", async () => {
    for (const name of ["x", "y"]) await builder(name, 1)
    for (const id of ["a1", "a2"]) await wait(id, "acme")
    await deal()
    await finish("a1")
    for (const id of ["a1", "a2"]) await run(takeBack(id as never, "x" as never))
    expect(await onBuilders()).toEqual(["a1→x", "a2→y"])
  })

  it("stays with it for half a minute, and for as long as there is no other", async () => {
    await builder("x", 1)
    await wait("a1", "acme")
    await deal()
    await lose("x")
    await deal()
    expect(await onBuilders()).toEqual(["a1→x"])
    await builder("y", 1)
    await sql("update worker set silent_since = now() - interval '10 seconds' where id = 'x'")
    await deal()
    expect(await onBuilders()).toEqual(["a1→x"])
  })
})
