import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import { type LearnedHash, learnedHashesMost } from "@skypanel/contract/LearnedHash"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import { succeeded } from "../../test/scriptedFleet.ts"
import { useScriptedFleet } from "../../test/useScriptedFleet.ts"
import type { Member } from "../auth/Auth.ts"
import { createService } from "../deploy/requests/create.ts"
import { forgetLearnedHash, learnedHashesOf } from "../deploy/requests/learnedHashes.ts"
import { redeployService } from "../deploy/requests/update.ts"
import { newOrganizationId, newWorkerId } from "../domain/id.ts"
import { buildHistory } from "./BuildHistory.ts"
import { findDeployment } from "./DeploymentViews.ts"
import { recordLearned } from "./LearnedHashes.ts"
import { findService } from "./ServiceViews.ts"
import { asTenant } from "./Tenant.ts"

/** What builders learn of dependencies, over a real database and workflow engine; the builder is scripted. */

const organization: Member = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" }
const others: Member = { ...organization, id: newOrganizationId(), slug: "others" }
const user = "ada@example.com"
const source = { _tag: "git", url: "https://git.example.com/web.git", ref: "main" } as const

const scene = useScriptedFleet()
const { run, query } = scene

const hashOf = (letter: string) => `sha256-${letter.repeat(43)}=`
const goSum = (letter: string, lock = "1"): LearnedHash => ({
  kind: "go-modules",
  subject: "go.sum",
  lock: `sha256:${lock.repeat(64)}`,
  hash: hashOf(letter),
})

const known = (of = organization) => run(learnedHashesOf(of, "web"))
const history = async () => {
  const service = await run(findService(organization.id, "web"))
  return run(buildHistory(organization.id, service!.id, { before: null, limit: 50, state: null }))
}

/** Has the builder say this of each of its builds, until what is looked for is there. */
const say = <A>(what: string, observed: Partial<BuildObserved>, look: () => Promise<A | null>) => {
  scene.worker.script = {
    ...scene.worker.script,
    builds: ({ builds }) => builds.map(({ id }) => ({ ...succeeded(id), result: null, ...observed })),
  }
  return until(
    what,
    async () => {
      await scene.worker.observe()
      return look()
    },
    20,
  )
}

const building = (learned: ReadonlyArray<LearnedHash>, look: () => Promise<unknown>) =>
  say("a build to go on", { phase: "building", learned }, async () => ((await look()) ? true : null))

const ended = (number: number, learned: ReadonlyArray<LearnedHash>, of = organization) => {
  scene.worker.script = {
    ...scene.worker.script,
    builds: ({ builds }) => builds.map(({ id }) => ({ ...succeeded(id), learned })),
  }
  return until(
    `deployment ${number} to end`,
    async () => {
      await scene.worker.observe()
      const service = await run(findService(of.id, "web"))
      const found = service && (await run(findDeployment(of.id, service.id, number)))
      return found?.finishedAt ? found : null
    },
    20,
  )
}

/** Starts a deployment, and gives its build as a builder gets it that has said nothing yet. */
const begin = async <A, E, R>(deployment: Effect.Effect<A, E, R>) => {
  await until("the builder to be idle", async () => (scene.worker.desired?.builds.length ? null : true), 20)
  scene.worker.script = { ...scene.worker.script, builds: () => [] }
  await run(deployment)
  return until("a build to be assigned", async () => scene.worker.desired?.builds[0] ?? null, 20)
}
const redeploy = () => begin(redeployService(organization, user, "web"))

describe("a hash that a build has learned", () => {
  it("is known as soon as its builder says it, also when the build has not ended", async () => {
    const { id, learned } = await begin(createService(organization, user, { name: "web", source }))
    expect(learned).toBeUndefined()
    const said = { ...succeeded(id), phase: "building", learned: [goSum("A")] } as const
    // Killed before it was stored, or said by who does not have the build: nothing is known, and it is said again.
    const killed = Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.withTransaction(Effect.andThen(recordLearned(scene.worker.id, said), Effect.die("killed"))),
    )
    await run(Effect.exit(killed))
    await run(recordLearned(newWorkerId(), said))
    expect(await known()).toEqual([])
    await building([goSum("A")], async () => (await known()).length > 0)
    expect(await known()).toEqual([
      expect.objectContaining({ ...goSum("A"), deployment: 1, learnedAt: expect.any(String) }),
    ])
    const [build] = (await history()).builds
    expect(build).toMatchObject({ state: "running", learned: [{ ...goSum("A"), learned: true }] })
    expect(await ended(1, [goSum("A")])).toMatchObject({ status: "live" })
  })

  it("is what later builds of the service are held to, and of no other organization's", async () => {
    expect((await redeploy()).learned).toEqual([goSum("A")])
    await ended(2, [goSum("A"), goSum("C", "2")])
    const [second] = (await history()).builds
    expect(second!.learned).toEqual([
      { ...goSum("A"), learned: false },
      { ...goSum("C", "2"), learned: true },
    ])
    expect((await begin(createService(others, user, { name: "web", source }))).learned).toBeUndefined()
    await ended(1, [goSum("B")], others)
    expect(await known(others)).toMatchObject([goSum("B")])
    expect((await known()).map(({ hash }) => hash).toSorted()).toEqual([hashOf("A"), hashOf("C")])
    const rows = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select hash from learned_hash`)
    expect(await run(asTenant(others.id, rows))).toEqual([{ hash: hashOf("B") }])
  })

  it("stands against what a build says that learned otherwise at the same time: that build fails", async () => {
    await redeploy()
    const { failure } = await ended(3, [goSum("D")])
    expect(failure).toMatchObject({ code: "hash-mismatch" })
    expect(failure?.detail).toContain(`expected ${hashOf("A")}, got ${hashOf("D")}`)
    expect(await known()).toEqual(
      expect.arrayContaining([expect.objectContaining({ ...goSum("A"), deployment: 1 })]),
    )
  })

  it("is forgotten by a member, who is written down, and not known again by a build that goes on", async () => {
    await redeploy()
    await building([goSum("A")], async () => (await history()).builds[0]!.learned.length > 0)
    const left = await run(forgetLearnedHash(organization, user, "web", goSum("A").lock))
    expect(left).toMatchObject([goSum("C", "2")])
    await ended(4, [goSum("A")])
    expect(await known()).toMatchObject([goSum("C", "2")])
    expect(
      await query("select actor, action, text from audit_event where action like 'learned-hash.%'"),
    ).toEqual([
      {
        actor: user,
        action: "learned-hash.forgotten",
        text: "The hash that acme/web had learned for go.sum was forgotten.",
      },
    ])
    const again = run(Effect.flip(forgetLearnedHash(organization, user, "web", goSum("A").lock)))
    expect(await again).toMatchObject({ _tag: "NotFound" })
    const theirs = run(Effect.flip(forgetLearnedHash(others, user, "web", goSum("C", "2").lock)))
    expect(await theirs).toMatchObject({ _tag: "NotFound" })
    expect((await redeploy()).learned).toEqual([goSum("C", "2")])
    expect(await ended(5, [goSum("D")])).toMatchObject({ status: "live" })
    expect(await known()).toMatchObject([{ ...goSum("D"), deployment: 5 }, goSum("C", "2")])
  })

  it("is known once, however often its builder names it", async () => {
    await redeploy()
    const twice = [goSum("D"), goSum("E", "3"), goSum("E", "3")]
    expect(await ended(6, twice)).toMatchObject({ status: "live" })
    expect((await known()).map(({ hash }) => hash).toSorted()).toEqual(["C", "D", "E"].map(hashOf))
    expect((await history()).builds[0]!.learned).toHaveLength(2)
    await run(forgetLearnedHash(organization, user, "web", goSum("E", "3").lock))
  })

  it("goes when two hundred others were used since", async () => {
    await query(`insert into learned_hash (service_id, organization_id, kind, lock, subject, hash, used_at)
      select service_id, organization_id, kind, 'sha256:' || lpad(n::text, 64, '0'), subject, hash, now() - interval '1 hour'
      from learned_hash, generate_series(1, ${learnedHashesMost + 10}) n
      where organization_id = '${organization.id}' and hash = '${hashOf("D")}'`)
    expect((await redeploy()).learned).toHaveLength(learnedHashesMost)
    await ended(7, [goSum("D")])
    const now = await known()
    expect(now).toHaveLength(learnedHashesMost)
    expect(now[0]).toMatchObject(goSum("D"))
  })
})
