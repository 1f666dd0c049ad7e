import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { admin, type Scene, startScene } from "../../test/fleetScene.ts"
import { pruneInstallations } from "../store/Installations.ts"
import { prunePlacements } from "../store/Placements.ts"
import { createInstallation } from "./installations.ts"

const postgres = usePostgres()
let scene: Scene
beforeEach(async () => {
  scene = await startScene(await postgres().database(), 2)
}, 60_000)
afterEach(() => scene.stop(), 60_000)

describe("pruning", () => {
  it("takes away placements that ended long ago and installations that nobody used, and nothing else", async () => {
    await scene.deploy("web")
    const counts = await scene.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const count = (table: string) =>
          Effect.map(sql<{ count: bigint }>`select count(*) from ${sql(table)}`, ([row]) =>
            Number(row?.count),
          )
        const all = Effect.gen(function* () {
          yield* sql`
          insert into placement (id, organization_id, service_id, deployment_id, slot, worker_id, state, reason, ended_at, gone)
          select 'plc_' || lpad(n::text, 24, '0'), organization_id, service_id, deployment_id, 0, worker_id, 'ended',
            'drain', now() - make_interval(days => n), n <> 30 from placement, unnest(array[1, 8, 30]) as n`
          for (const used of [false, true]) {
            const { row } = yield* createInstallation({}, admin)
            yield* sql`update installation set expires_at = now() - interval '31 days',
            used_at = case when ${used} then now() end where id = ${row.id}`
          }
          yield* createInstallation({}, admin)
          yield* Effect.andThen(prunePlacements, pruneInstallations)
          return [yield* count("placement"), yield* count("installation")]
        })
        // In one: the reconciler must not find meanwhile that the container is gone.
        return yield* sql.withTransaction(all)
      }),
    )
    // The one that runs, the one of yesterday, and the one whose container may still be there.
    expect(counts).toEqual([3, 2])
  })
})
