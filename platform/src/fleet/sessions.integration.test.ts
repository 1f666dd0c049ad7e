import type { WorkerKeyId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { startScriptedFleet } from "../../test/scriptedFleet.ts"
import { listAudit } from "../store/Audit.ts"
import { viewWorker } from "../store/WorkerViews.ts"
import { AgentSessions } from "./AgentSessions.ts"

const postgres = usePostgres()
let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
let one: ScriptedWorker
let two: ScriptedWorker
beforeAll(async () => {
  fleet = await startScriptedFleet(await postgres().database())
  one = await fleet.addWorker()
  two = await fleet.addWorker()
}, 60_000)
afterAll(() => fleet?.stop())

const state = async ({ name }: ScriptedWorker) => (await fleet.run(viewWorker(name, () => [])))?.state
const isActive = (worker: ScriptedWorker) =>
  until(`${worker.name} to be active`, async () => ((await state(worker)) === "active" ? true : null))
const sql = <A>(query: (sql: SqlClient.SqlClient) => Effect.Effect<A, unknown>) =>
  fleet.run(Effect.flatMap(SqlClient.SqlClient, query))
const connected = async (worker: ScriptedWorker) =>
  (await fleet.run(AgentSessions)).get(worker.id) !== undefined

describe("a worker that proves who it is", () => {
  it("is let in, joins, and takes services once it has reported that it is well", async () => {
    await isActive(one)
    const view = await fleet.run(viewWorker(one.name, () => []))
    expect(view).toMatchObject({ state: "active", takesNew: true, roles: ["services", "builder", "ingress"] })
    expect(one.desired).toMatchObject({ placements: [], peerSecret: expect.any(String) })
  })

  it("is joining, not degraded, while it is being made ready, and nobody is told of that", async () => {
    const worker = await fleet.addWorker({ problems: [{ part: "firewall", text: "the rules are missing" }] })
    const reason = await until("why it is not active", async () => {
      const view = await fleet.run(viewWorker(worker.name, () => []))
      return view?.state === "joining" && view.reason.includes("rules") ? view.reason : null
    })
    expect(reason).toBe("It is being made ready: the rules are missing.")
    worker.problems = []
    await worker.observe()
    await isActive(worker)
    const events = await fleet.run(listAudit(worker.id))
    expect(events.map(({ action }) => action)).not.toContain("worker.degraded")
  })

  it("is told to join the cluster where it is in none, but not while its engine cannot say that it is", async () => {
    const isOutside = (worker: ScriptedWorker, engineVersion: string | null) => {
      Object.assign(worker, { nodeId: null, engineVersion })
      worker.say(worker.hello())
    }
    const [silent, answering] = [await fleet.addWorker(), await fleet.addWorker()]
    await Promise.all([isActive(silent), isActive(answering)])
    isOutside(silent, null)
    isOutside(answering, "20.10.24")
    const isTold = (worker: ScriptedWorker) =>
      until(`${worker.name} to be told to join`, async () => (worker.heard.includes("join") ? true : null))
    // All are looked at together: who was told by then was told with this one.
    await isTold(answering)
    expect(silent.heard).not.toContain("join")
    isOutside(silent, "20.10.24")
    await isTold(silent)
  })

  it("has one session: a newer connection ends the one before", async () => {
    const before = (await fleet.run(AgentSessions)).get(one.id)
    await one.connect()
    await until("the newer session", async () => {
      const now = (await fleet.run(AgentSessions)).get(one.id)
      return now !== undefined && now !== before ? true : null
    })
    await isActive(one)
  })

  it("is refused with words when its protocol is another", async () => {
    await one.connect({ protocol: "skypanel.agent.v99" })
    await until("the refusal", async () => one.refused)
    expect(one.refused).toMatchObject({
      code: "protocol",
      message: "This platform speaks skypanel.agent.v2.",
    })
    await one.connect()
    await isActive(one)
  })
})

describe("who cannot prove it", () => {
  it("is refused: an unknown key, and a key with another's name", async () => {
    await one.connect({ keyId: `key_${"0".repeat(24)}` as WorkerKeyId })
    await until("the refusal", async () => one.refused)
    expect(one.refused).toMatchObject({ code: "unknown" })
    // The key is another worker's; so is the signature's text, and the answer is the same.
    await one.connect({ keyId: two.keyId })
    await until("the refusal", async () => one.refused)
    expect(one.refused).toMatchObject({ code: "unknown" })
    await one.connect()
    await isActive(one)
  })

  it("is refused when its key was revoked or not used for a month", async () => {
    const worker = await fleet.addWorker()
    await isActive(worker)
    await sql(
      (sql) =>
        sql`update worker_key set expires_at = now() - interval '1 second' where worker_id = ${worker.id}`,
    )
    await worker.connect()
    await until("the refusal", async () => worker.refused)
    expect(worker.refused).toMatchObject({ code: "expired" })
    await sql((sql) => sql`update worker_key set revoked_at = now() where worker_id = ${worker.id}`)
    await worker.connect()
    await until("the refusal", async () => worker.refused)
    expect(worker.refused).toMatchObject({ code: "revoked" })
  })
})

describe("a message", () => {
  const observed = (worker: ScriptedWorker) => ({
    _tag: "observed" as const,
    generation: 1,
    at: new Date().toISOString(),
    health: worker.health,
    builds: [],
    containers: [],
    edgeError: null,
    problems: [],
    unreachablePeers: [],
    volumes: [],
  })

  it.each<readonly [string, (worker: ScriptedWorker) => void]>([
    ["that was sent before", (worker) => worker.say(observed(worker), 1)],
    ["that skips one", (worker) => worker.say(observed(worker), 1_000)],
    ["of another connection", (worker) => worker.say(observed(worker), undefined, "another session")],
  ])("%s ends the connection, and changes nothing", async (_, send) => {
    const worker = await fleet.addWorker()
    await isActive(worker)
    const before = await sql(
      (sql) => sql`select last_heartbeat_at, health from worker_report where worker_id = ${worker.id}`,
    )
    worker.health = { ...worker.health, cpuPercent: 77 }
    send(worker)
    await until("the refusal", async () => worker.refused)
    expect(worker.refused).toMatchObject({ code: "replayed" })
    const events = await fleet.run(listAudit(worker.id))
    expect(events.map(({ action }) => action)).toContain("worker.replayed")
    expect(
      await sql(
        (sql) => sql`select last_heartbeat_at, health from worker_report where worker_id = ${worker.id}`,
      ),
    ).toEqual(before)
    await worker.stop()
  })

  it("about another worker's placement changes nothing", async () => {
    await sql(
      (
        sql,
      ) => sql`insert into service (id, organization_id, organization_slug, name, source, environment, resources, port, host)
      values ('svc_000000000000000000000000', 'org_000000000000000000000000', 'o', 's', '{}', '{}', '{}', 80, 'h')`,
    )
    await sql(
      (
        sql,
      ) => sql`insert into deployment (id, organization_id, service_id, number, trigger, source, environment, resources, port)
      values ('dep_000000000000000000000000', 'org_000000000000000000000000', 'svc_000000000000000000000000', 1, 'deploy', '{}', '{}', '{"memoryBytes":1}', 80)`,
    )
    await sql(
      (
        sql,
      ) => sql`insert into placement (id, organization_id, service_id, deployment_id, slot, worker_id, reason, state)
      values ('plc_000000000000000000000000', 'org_000000000000000000000000', 'svc_000000000000000000000000', 'dep_000000000000000000000000', 0, ${two.id}, 'deployment', 'ended')`,
    )
    one.say({
      ...observed(one),
      containers: [
        {
          containerId: "planted",
          placementId: "plc_000000000000000000000000" as never,
          serviceId: "svc_000000000000000000000000" as never,
          deploymentId: "dep_000000000000000000000000" as never,
          organizationId: "org_000000000000000000000000" as never,
          state: "running",
          healthy: true,
          probe: "",
          exitCode: null,
          outOfMemory: false,
          startedAt: null,
          lastLines: [],
        },
      ],
    })
    await until("the report", async () => ((await connected(one)) ? true : null))
    expect(await sql((sql) => sql`select 1 from instance`)).toEqual([])
  })
})

describe("a new key", () => {
  it("takes over at its first use; until then the one before is a way back", async () => {
    const worker = await fleet.addWorker()
    await isActive(worker)
    const old = worker.keyId
    const { keyId, keys } = worker.offerKey()
    const fresh = await keyId
    worker.useKey(fresh, keys)
    // Not used yet: the old one still opens.
    await worker.connect({ keyId: old, keys: worker.firstKeys })
    await isActive(worker)
    await worker.connect()
    await until("the old key to be revoked", async () =>
      (await sql((sql) => sql`select 1 from worker_key where id = ${old} and revoked_at is not null`))
        .length === 1
        ? true
        : null,
    )
    await worker.connect({ keyId: old, keys: worker.firstKeys })
    await until("the refusal", async () => worker.refused)
    expect(worker.refused).toMatchObject({ code: "revoked" })
  })
})
