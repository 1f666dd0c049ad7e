import { Effect, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { storeFor } from "../../test/store.ts"
import { newOrganizationId } from "../domain/id.ts"
import { asTenant } from "./Tenant.ts"

const postgres = usePostgres()
const [ours, theirs] = [newOrganizationId(), newOrganizationId()]

const makeRuntime = (url: string) => ManagedRuntime.make(storeFor(url))
let runtime: ReturnType<typeof makeRuntime>

const insert = (organization: string, name: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (
      sql,
    ) => sql`insert into service (id, organization_id, organization_slug, name, source, environment, resources, port, host)
      values (${`svc_${name}`}, ${organization}, 'x', ${name}, '{}', '{}', '{}', 80, ${name})`,
  )
const names = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ name: string }>`select name from service order by name`,
)

beforeAll(async () => {
  runtime = makeRuntime(await postgres().database())
  await runtime.runPromise(Effect.andThen(insert(ours, "ours"), insert(theirs, "theirs")))
})
afterAll(() => runtime.dispose())

describe("a query that forgets to ask for the organization", () => {
  it("sees only the tenant's own rows", async () => {
    expect(await runtime.runPromise(asTenant(ours, names))).toEqual([{ name: "ours" }])
    expect(await runtime.runPromise(asTenant(theirs, names))).toEqual([{ name: "theirs" }])
  })

  it("changes and deletes only them", async () => {
    const attack = Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.andThen(sql`update service set port = 81`, sql`delete from service where name = 'theirs'`),
    )
    await runtime.runPromise(asTenant(ours, attack))
    const sql = await runtime.runPromise(SqlClient.SqlClient)
    expect(await runtime.runPromise(sql`select port from service where name = 'theirs'`)).toEqual([
      { port: 80 },
    ])
  })

  it("cannot write into another organization", async () => {
    const result = await runtime.runPromise(Effect.result(asTenant(ours, insert(theirs, "planted"))))
    expect(result._tag).toBe("Failure")
  })

  it("cannot read what is the platform's own", async () => {
    const tokens = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select token_hash from worker`)
    expect((await runtime.runPromise(Effect.result(asTenant(ours, tokens))))._tag).toBe("Failure")
  })

  it("leaves the connection as it was", async () => {
    const roles = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ role: string }>`select current_user as role`,
    )
    await runtime.runPromise(asTenant(ours, roles))
    for (let i = 0; i < 25; i++)
      expect((await runtime.runPromise(roles))[0]!.role).not.toBe("skypanel_tenant")
  })
})
