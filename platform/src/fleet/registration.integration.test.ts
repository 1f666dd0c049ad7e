import { generateKeyPairSync, randomBytes, sign } from "node:crypto"
import type { CreateInstallation } from "@skypanel/contract/Installation"
import { type Registration, registrationText } from "@skypanel/contract/WorkerIdentity"
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { startScriptedFleet } from "../../test/scriptedFleet.ts"
import { listAudit } from "../store/Audit.ts"
import { listInstallations } from "../store/Installations.ts"
import { findWorker } from "../store/Workers.ts"
import { findInstallationFacts } from "./installationFacts.ts"
import { createInstallation, endInstallation, type Fresh, replaceWorker } from "./installations.ts"
import { register } from "./registration.ts"

const postgres = usePostgres()
let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
beforeAll(async () => {
  fleet = await startScriptedFleet(await postgres().database())
}, 60_000)
afterAll(() => fleet?.stop())

const admin = "ada@example.com"
const address = "192.0.2.7"
const machine = () => generateKeyPairSync("ed25519")
type Machine = ReturnType<typeof machine>

const applicationOf = (token: string, keys: Machine, more: Partial<Registration> = {}): Registration => {
  const { x = "" } = keys.publicKey.export({ format: "jwk" })
  const text = registrationText({ token, publicKey: x })
  return {
    token,
    publicKey: x,
    proof: sign(null, Buffer.from(text), keys.privateKey).toString("base64url"),
    hostName: "web.example.com",
    origin: "bundle",
    ...more,
  }
}

const install = (request: CreateInstallation = {}): Promise<Fresh> =>
  fleet.run(createInstallation(request, admin))
const registering = (token: string, keys = machine(), more: Partial<Registration> = {}, from = address) =>
  fleet.run(register(applicationOf(token, keys, more), from).pipe(Effect.result))
const refusalOf = async (result: ReturnType<typeof registering>) => {
  const outcome = await result
  if (Result.isSuccess(outcome)) throw new Error("it was let in")
  return (outcome.failure as { readonly message: string }).message
}
const registered = async (result: ReturnType<typeof registering>) => {
  const outcome = await result
  if (Result.isFailure(outcome)) throw outcome.failure
  return outcome.success
}

describe("a token", () => {
  it("gives one worker with what its installation says, and its use is written down", async () => {
    const { token, row } = await install({
      name: "db-1",
      roles: ["services"],
      labels: { disk: "ssd" },
      region: "fra1",
    })
    const { name, roles } = await registered(registering(token))
    expect({ name, roles }).toEqual({ name: "db-1", roles: ["services"] })
    const worker = await fleet.run(findWorker("db-1"))
    expect(worker).toMatchObject({ labels: { disk: "ssd" }, region: "fra1", granted_roles: ["services"] })
    const events = await fleet.run(listAudit(worker!.id))
    expect(events.map(({ action }) => action)).toContain("worker.registered")
    const shown = (await fleet.run(listInstallations)).find(({ id }) => id === row.id)
    expect(shown).toMatchObject({ state: "used", worker: "db-1", createdBy: admin })
    expect(fleet.told.at(-1)).toMatchObject({ kind: "worker-added", title: "db-1 was added" })
  })

  it("is stored as a hash alone", async () => {
    const { token } = await install()
    const rows = await fleet.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ text: string }>`select to_jsonb(i)::text as text from installation i`,
      ),
    )
    expect(rows.map(({ text }) => text).join()).not.toContain(token)
  })

  it("works once, and administrators are told of the second time", async () => {
    const { token } = await install()
    const { name } = await registered(registering(token))
    expect(await refusalOf(registering(token, machine(), {}, "203.0.113.9"))).toBe(
      "This token was used already.",
    )
    expect(fleet.told.at(-1)).toMatchObject({ kind: "security", tone: "bad" })
    const events = await fleet.run(listAudit((await fleet.run(findWorker(name)))!.id))
    expect(events[0]).toMatchObject({ action: "installation.misused" })
    expect(events[0]!.text).toContain("203.0.113.9")
  })

  it("gives the same answer again to the same key: it may have been lost on the way", async () => {
    const { token } = await install()
    const keys = machine()
    const first = await registered(registering(token, keys))
    expect(await registered(registering(token, keys))).toEqual(first)
  })

  it("presented by many machines at once makes one worker", async () => {
    const { token } = await install({ name: "only" })
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => registering(token)))
    expect(outcomes.filter(Result.isSuccess)).toHaveLength(1)
    const rows = await fleet.run(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select 1 from worker where name like 'only%'`),
    )
    expect(rows).toHaveLength(1)
  })

  it("is of no use when it was revoked, when it is old, or when it is none", async () => {
    const revoked = await install()
    await fleet.run(endInstallation(revoked.row.id, admin))
    expect(await refusalOf(registering(revoked.token))).toBe("This token was revoked.")
    const old = await install()
    await fleet.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql`update installation set expires_at = now() - interval '1 second' where id = ${old.row.id}`,
      ),
    )
    expect(await refusalOf(registering(old.token))).toBe("This token is more than an hour old.")
    expect(await refusalOf(registering(randomBytes(32).toString("base64url")))).toBe(
      "This token is not known here.",
    )
    const { token } = await install()
    const altered = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`
    expect(await refusalOf(registering(altered))).toBe("This token is not known here.")
  })

  it("is of no use from another address than it is for", async () => {
    const { token } = await install({ allowFrom: "198.51.100.0/24" })
    expect(await refusalOf(registering(token))).toContain("may not be used from this machine's address")
    await registered(registering(token, machine(), {}, "198.51.100.20"))
  })

  it("tells the same before the script is given, and giving it uses nothing up", async () => {
    const { token, row } = await install()
    const facts = await fleet.run(findInstallationFacts(token, address))
    expect(facts).toMatchObject({ token, roles: ["services", "ingress"], runtime: "deno" })
    expect((await fleet.run(listInstallations)).find(({ id }) => id === row.id)?.state).toBe("fetched")
    await registered(registering(token))
    expect(await fleet.run(findInstallationFacts(token, address))).toEqual({ refused: "used" })
    expect(await fleet.run(findInstallationFacts("x".repeat(43), address))).toEqual({ refused: "unknown" })
  })
})

describe("a registration", () => {
  it("with another's key is refused, and uses nothing up", async () => {
    const { token } = await install()
    const { x = "" } = machine().publicKey.export({ format: "jwk" })
    expect(await refusalOf(registering(token, machine(), { publicKey: x }))).toBe(
      "The proof does not fit the public key.",
    )
    await registered(registering(token))
  })

  it("with a key that is a worker's already is refused", async () => {
    const keys = machine()
    await registered(registering((await install()).token, keys))
    const next = await install()
    expect(await refusalOf(registering(next.token, keys))).toContain("registered already")
    await registered(registering(next.token))
  })

  it("of machines with the same host name gives each a name of its own", async () => {
    const names = []
    for (let count = 0; count < 3; count++)
      names.push(
        (await registered(registering((await install()).token, machine(), { hostName: "Twin_1.lan" }))).name,
      )
    expect(names).toEqual(["twin-1", "twin-1-2", "twin-1-3"])
  })

  it.each([
    ["", "worker"],
    ["---", "worker"],
    ["日本", "worker"],
    [`${"a".repeat(100)}.example.com`, "a".repeat(58)],
  ])("of a machine called %j names it %s", async (hostName, name) => {
    const given = await registered(registering((await install()).token, machine(), { hostName }))
    expect(given.name.replace(/-\d+$/, "")).toBe(name)
  })
})

describe("an installation", () => {
  const failing = (request: CreateInstallation) =>
    fleet.run(createInstallation(request, admin).pipe(Effect.flip)) as Promise<{
      _tag: string
      message: string
    }>

  it("keeps its name until it ends", async () => {
    const { row } = await install({ name: "kept" })
    expect(await failing({ name: "kept" })).toMatchObject({
      _tag: "NameTaken",
      message: expect.stringContaining("a command that was not used yet"),
    })
    await fleet.run(endInstallation(row.id, admin))
    await registered(registering((await install({ name: "kept" })).token))
    expect(await failing({ name: "kept" })).toMatchObject({ _tag: "NameTaken" })
  })

  it("says what is wrong with its address range", async () =>
    expect(await failing({ allowFrom: "300.0.0.0/8" })).toMatchObject({ _tag: "InvalidInput" }))

  it("cannot be revoked when it has ended", async () => {
    const { row, token } = await install()
    await registered(registering(token))
    const error = await fleet.run(endInstallation(row.id, admin).pipe(Effect.flip))
    expect(error).toMatchObject({ _tag: "NotPossibleNow", message: "This installation is used already." })
  })

  it("that replaces an identity keeps the worker, and ends the key before", async () => {
    const first = await registered(registering((await install({ name: "phoenix" })).token))
    const worker = (await fleet.run(findWorker("phoenix")))!
    const { token } = await fleet.run(replaceWorker(worker, admin))
    const second = await registered(registering(token))
    expect(second.workerId).toBe(first.workerId)
    expect(second.keyId).not.toBe(first.keyId)
    const keys = await fleet.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql<{
            id: string
          }>`select id from worker_key where worker_id = ${worker.id} and revoked_at is null`,
      ),
    )
    expect(keys.map(({ id }) => id)).toEqual([second.keyId])
  })

  it("that replaces an identity ends the session of whoever has the one before", async () => {
    const worker = await fleet.addWorker()
    await until("its session", async () => (worker.desired === null ? null : true))
    const row = (await fleet.run(findWorker(worker.name)))!
    const { token } = await fleet.run(replaceWorker(row, admin))
    await registered(registering(token))
    await until("its end", async () => (worker.refused?.code === "revoked" ? true : null))
  })
})
