import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll } from "vitest"
import { usePostgres } from "../../test/lab/fixtures.ts"
import { Orchestrator, type Workload } from "../src/orchestrator/Orchestrator.ts"
import type { ScriptedWorker } from "./ScriptedWorker.ts"
import { startScriptedFleet } from "./scriptedFleet.ts"

/** A scripted fleet of one worker for the tests of a file, and what is asked of its database. */
export const useScriptedFleet = () => {
  const postgres = usePostgres()
  let fleet: Awaited<ReturnType<typeof startScriptedFleet>> | undefined
  let worker: ScriptedWorker | undefined
  beforeAll(async () => {
    fleet = await startScriptedFleet(await postgres().database())
    worker = await fleet.addWorker()
  }, 60_000)
  afterAll(() => fleet?.stop())

  const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> => fleet!.run(effect)
  const query = <A extends object = Record<string, unknown>>(text: string) =>
    run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<A>(text)))
  return {
    run,
    query,
    get worker(): ScriptedWorker {
      return worker!
    },
    get images() {
      return fleet!.images
    },
    get told() {
      return fleet!.told
    },
    /** What the orchestrator was asked to run and has not let go. */
    workloads: async () =>
      (await run(Effect.flatMap(Orchestrator, ({ list }) => list))) as unknown as ReadonlyArray<Workload>,
    /** All rows of all tables as text. */
    everything: async () => {
      const tables = await query<{
        name: string
      }>(`select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`)
      const texts = await Promise.all(
        tables.map(({ name }) =>
          query<{ text: string }>(`select coalesce(string_agg(t::text, ' '), '') as text from ${name} t`),
        ),
      )
      return texts.map(([row]) => row?.text).join("\n")
    },
  }
}
