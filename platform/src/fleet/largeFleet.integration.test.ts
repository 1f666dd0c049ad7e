import { Effect, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { storeFor } from "../../test/store.ts"
import { unsettledPlacements } from "../deploy/workloads.ts"
import { leaveUnwanted, slotsToLookAt } from "../store/Placements.ts"
import { readRoutes } from "./routes.ts"

// What the platform asks the database all the time must not read the whole fleet for it, nor all of one table for each
// row of another. The database counts the rows that it reads.

const services = 5_000
const postgres = usePostgres()
let store: ManagedRuntime.ManagedRuntime<unknown, never>
const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> => store.runPromise(effect as never)

const id = (kind: string, number = "n") => `'${kind}_' || lpad((${number})::text, 24, '0')`
const configuration = `'{}'::jsonb, '{}'::jsonb, '{"cpu":1,"memoryBytes":1048576,"storageBytes":1}'::jsonb, 3000`
const columns = "source, environment, resources, port"
const all = `from generate_series(1, ${services}) as n`

/** Each service has one instance, on one of a hundred workers. */
const rows = [
  `insert into worker (id, name, state, takes_new, gets_traffic, roles)
   select ${id("wrk")}, 'worker-' || n, 'active', true, true, '{services}' from generate_series(0, 99) as n`,
  `insert into service (id, organization_id, organization_slug, name, host, live_deployment_id, ${columns})
   select ${id("svc")}, ${id("org")}, 'org-' || n, 'web', n || '.localhost', ${id("dep")}, ${configuration} ${all}`,
  `insert into deployment (id, organization_id, service_id, number, trigger, status, finished_at, ${columns})
   select ${id("dep")}, ${id("org")}, ${id("svc")}, 1, 'created', 'live', now(), ${configuration} ${all}`,
  `insert into placement (id, organization_id, service_id, deployment_id, slot, worker_id, state, reason, healthy_at)
   select ${id("plc")}, ${id("org")}, ${id("svc")}, ${id("dep")}, 0, ${id("wrk", "n % 100")}, 'serving', 'deployment', now() ${all}`,
  `insert into instance (container_id, organization_id, service_id, deployment_id, placement_id, worker_id, healthy, observed)
   select n, ${id("org")}, ${id("svc")}, ${id("dep")}, ${id("plc")}, ${id("wrk", "n % 100")}, true, '{}' ${all}`,
]

const tables = ["service", "deployment", "placement", "instance"]

/** Rows that whole tables were read for, so far. */
const readWhole = () =>
  run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      // What other connections have counted they tell when they are idle for a moment.
      yield* sql`select pg_stat_force_next_flush()`
      yield* Effect.sleep("1200 millis")
      yield* sql`select pg_stat_clear_snapshot()`
      const [row] = yield* sql<{ read: string }>`
        select sum(seq_tup_read) as read from pg_stat_user_tables where ${sql.in("relname", tables)}`
      return Number(row?.read)
    }),
  )

/** Rows that these questions read whole tables for. */
const reads = async <A, E, R>(question: Effect.Effect<A, E, R>, times = 5) => {
  await run(question)
  const before = await readWhole()
  for (let time = 0; time < times; time++) await run(question)
  return ((await readWhole()) - before) / times
}

beforeAll(async () => {
  store = ManagedRuntime.make(storeFor(await postgres().database()) as never)
  await run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (const statement of rows) yield* sql.unsafe(statement)
      for (const table of tables) yield* sql.unsafe(`analyze ${table}`)
    }),
  )
}, 60_000)
afterAll(() => store?.dispose())

describe("in a fleet with many services", () => {
  it("looking at what goes on reads none of those that nothing goes on with", async () => {
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql`update placement set state = 'starting' where slot = 0 and service_id = ${`svc_${"1".padStart(24, "0")}`}`,
      ),
    )
    expect(await run(slotsToLookAt(false))).toHaveLength(1)
    expect(await run(unsettledPlacements)).toHaveLength(1)
    const changed = new Set([`svc_${"2".padStart(24, "0")}`]) as never
    for (const question of [slotsToLookAt(false), unsettledPlacements, leaveUnwanted(changed)])
      expect(await reads(question)).toBeLessThan(services / 10)
  }, 60_000)

  it("looking at all of them reads each a few times, not for each other", async () => {
    for (const question of [slotsToLookAt(true), readRoutes(null), leaveUnwanted(null)])
      expect(await reads(question, 2)).toBeLessThanOrEqual(services * tables.length)
  }, 60_000)
})
