import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { organization, type Scene, startScene } from "../../test/fleetScene.ts"
import { newBuildId, newDeploymentId, newServiceId } from "../domain/id.ts"

// How many statements the platform needs: one for each worker would be thousands in a large fleet. The database notes
// them, also those that change no row.

const workers = 5
const postgres = usePostgres()
let scene: Scene

const sql = <A, E>(statement: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
  scene.run(Effect.flatMap(SqlClient.SqlClient, statement))

beforeAll(async () => {
  scene = await startScene(await postgres().database(), workers)
  for (const statement of [
    "create table noted (statement text)",
    `create function note() returns trigger language plpgsql as $$ begin
       insert into noted values (current_query()); return null; end $$`,
    "create trigger note after update on worker for each statement execute function note()",
    "create trigger note after insert on worker_report for each statement execute function note()",
  ])
    await sql((sql) => sql.unsafe(statement))
}, 60_000)
afterAll(() => scene?.stop())

const noted = async (like: string) =>
  (await sql((sql) => sql`select 1 from noted where statement like ${`%${like}%`}`)).length

describe("a look at the cluster", () => {
  it("writes a worker's node when it is another one, and of the others nothing", async () => {
    const [one] = scene.workers
    const node = () =>
      sql((sql) => sql<{ node_id: string | null }>`select node_id from worker where id = ${one!.id}`)
    await sql((sql) => sql`update worker set node_id = null where id = ${one!.id}`)
    await until("it to have its node again", async () =>
      (await node())[0]?.node_id === one!.nodeId ? true : null,
    )
    expect(await noted("node_id is distinct from")).toBe(1)
  }, 30_000)
})

describe("a change that concerns many agents", () => {
  it("is told to all of them with one statement", async () => {
    await sql((sql) => sql`delete from noted`)
    await sql(
      (sql) => sql`insert into service (id, organization_id, organization_slug, name, source, environment,
          resources, port, host)
        values (${newServiceId()}, ${organization.id}, 'acme', 'new', '{}', '{}', '{}', 3000, 'new.localhost')`,
    )
    await until("all to know it", async () =>
      scene.workers.every(({ desired }) => desired?.routes.some(({ host }) => host === "new.localhost"))
        ? true
        : null,
    )
    // One of them may just have been looked at by itself.
    expect(await noted("worker_report.generation + 1")).toBeLessThanOrEqual(2)
  }, 30_000)

  it("is told to the others when one cannot be told", async () => {
    const [broken, ...others] = scene.workers
    const [service, deployment] = [newServiceId(), newDeploymentId()]
    const resources = "{}"
    await sql(
      (sql) => sql`insert into service (id, organization_id, organization_slug, name, source, environment,
          resources, port, host)
        values (${service}, ${organization.id}, 'acme', 'odd', '{}', '{}', ${resources}, 3000, 'odd.localhost')`,
    )
    // A source that no protocol knows.
    await sql(
      (sql) => sql`insert into deployment (id, organization_id, service_id, number, trigger, status, source,
          environment, resources, port)
        values (${deployment}, ${organization.id}, ${service}, 1, 'created', 'building', '{}', '{}', ${resources}, 3000)`,
    )
    await sql(
      (sql) => sql`insert into build (id, organization_id, deployment_id, worker_id)
        values (${newBuildId()}, ${organization.id}, ${deployment}, ${broken!.id})`,
    )
    await sql((sql) => sql`update service set host = 'odder.localhost' where id = ${service}`)
    await until("the others to know it", async () =>
      others.every(({ desired }) => desired?.routes.some(({ host }) => host === "odder.localhost"))
        ? true
        : null,
    )
    expect(broken!.desired?.builds).toEqual([])
  }, 30_000)
})
