import { Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import {
  commitOf,
  organization,
  type RepositoryScene,
  startRepositoryScene,
  user,
} from "../../test/repositoryScene.ts"
import { stopService } from "../deploy/requests/end.ts"
import { redeployService } from "../deploy/requests/update.ts"
import { newRevisions } from "../store/PolledRevisions.ts"
import { askDuePolls } from "../store/Polls.ts"
import { findConnection } from "./connection.ts"
import { giveToken } from "./credentials.ts"
import { changePoll, runPolling } from "./polling.ts"

const postgres = usePostgres()
let scene: RepositoryScene
let polling: Fiber.Fiber<void>
const run: RepositoryScene["run"] = (effect) => scene.run(effect)
beforeAll(async () => {
  scene = await startRepositoryScene(await postgres().database())
  await scene.create("web", "https://git.example.com/acme/web.git")
  await run(giveToken(organization, user, "web", { token: "a-token-of-acme" }))
  polling = await run(Effect.forkDetach(runPolling))
}, 60_000)
afterAll(async () => {
  if (polling !== undefined) await run(Fiber.interrupt(polling))
  await scene?.close()
})

const sql = (query: (sql: SqlClient.SqlClient) => Effect.Effect<unknown, unknown>) =>
  run(Effect.flatMap(SqlClient.SqlClient, query))
/** As if its time had come. */
const due = () => sql((sql) => sql`update poll set answered_at = now() - interval '2 days'`)
const answered = (since: number) =>
  until("the poll to be answered", async () => {
    await scene.builder.observe()
    const { poll } = await run(findConnection(organization, "web"))
    return poll?.answeredAt != null && Date.parse(poll.answeredAt) >= since ? poll : null
  })
const poll = async () => {
  const since = Date.now()
  await due()
  return answered(since)
}
const deployed = (number: number) =>
  until(`deployment ${number}`, async () => {
    await scene.builder.observe()
    const newest = (await scene.deployments("web"))[0]
    return newest?.number === number ? newest : null
  })

describe("a repository that is polled", () => {
  it("is asked of a builder, with the service's credential, and a new commit deploys", async () => {
    let asked: unknown = null
    const { builds } = scene.builder.script
    scene.builder.script = {
      ...scene.builder.script,
      builds: (desired) => {
        asked ??= desired.builds.find(({ poll }) => poll === true) ?? null
        return builds(desired)
      },
    }
    // Which commit the first deployment builds is not known: nothing is deployed before it has ended.
    scene.stands.set("web", commitOf(1))
    const since = Date.now()
    await run(changePoll(organization, "web", { minutes: 15 }))
    expect(await answered(since)).toMatchObject({ minutes: 15, revision: commitOf(1), problem: null })
    expect(asked).toMatchObject({
      source: { _tag: "git", ref: "main" },
      access: { _tag: "token", token: "a-token-of-acme" },
    })
    expect(await scene.deployments("web")).toHaveLength(1)
    await sql((sql) => sql`update deployment set cancel_reason = 'The test ends it.' where number = 1`)
    expect(await deployed(2)).toMatchObject({
      trigger: "push",
      createdBy: "polling",
      revision: commitOf(1),
      source: { ref: "main" },
    })
  })

  it("deploys a commit once, and a newer one in its place", async () => {
    await poll()
    await poll()
    expect(await scene.deployments("web")).toHaveLength(2)
    scene.stands.set("web", commitOf(2))
    await poll()
    expect(await deployed(3)).toMatchObject({ revision: commitOf(2) })
  })

  it("that somebody else deployed meanwhile is not deployed again", async () => {
    const { id } = (await run(redeployService(organization, user, "web"))) as { id: string }
    await sql((sql) => sql`update deployment set pinned_revision = ${commitOf(3)} where id = ${id}`)
    scene.stands.set("web", commitOf(3))
    await poll()
    await until("the commit to be taken", async () => {
      const rows = (await sql((sql) => sql`select from poll where taken_revision = ${commitOf(3)}`)) as []
      return rows.length > 0 ? true : null
    })
    expect(await scene.deployments("web")).toHaveLength(4)
  })

  it("is deployed whatever there is to wait for, or wrong, with others", async () => {
    /** Services with an earlier answer that nothing has come of. */
    const copy = (count: number, name: string, wish: string, revision: string) =>
      sql(
        (sql) => sql`with made as (
            insert into service select (jsonb_populate_record(s, to_jsonb(s) || jsonb_build_object(
              'id', 'svc_' || left(md5(${name} || n), 24), 'name', ${name} || n, 'host', ${name} || n, 'wish', ${wish}::text))).*
            from service s, generate_series(1, ${count}::int) n where s.name = 'web' returning id, organization_id)
          insert into poll (service_id, organization_id, minutes, answered_at, revision)
            select id, organization_id, 1440, now() - interval '1 hour', ${revision} from made`,
      )
    await sql(
      (sql) => sql`alter table deployment add constraint failing check (pinned_revision <> repeat('7', 40))`,
    )
    await copy(1, "failing-", "running", commitOf(7))
    await copy(100, "stopped-", "stopped", commitOf(6))
    await copy(1, "building-", "running", commitOf(6))
    await sql(
      (sql) => sql`insert into deployment
          (id, organization_id, service_id, number, trigger, source, environment, resources, port)
        select 'dep_' || left(md5(id), 24), organization_id, id, 9, 'deploy', source, environment, resources, port from service
        where name = 'building-1'`,
    )
    expect((await run(newRevisions)).map(({ revision }) => revision)).toEqual([commitOf(7)])

    scene.stands.set("web", commitOf(4))
    await poll()
    expect(await deployed(5)).toMatchObject({ trigger: "push", revision: commitOf(4) })
    await sql((sql) => sql`delete from service where name like '%-%'`)
    await sql((sql) => sql`alter table deployment drop constraint failing`)
  })

  it("is not asked while the service is stopped, or when it is switched off", async () => {
    await run(stopService(organization, "web"))
    await due()
    const isAsked = async () =>
      ((await sql((sql) => sql`select from poll where asked_id is not null`)) as []).length > 0
    await run(askDuePolls)
    expect(await isAsked()).toBe(false)
    expect((await run(changePoll(organization, "web", { minutes: null }))).poll).toBeNull()
  })
})
