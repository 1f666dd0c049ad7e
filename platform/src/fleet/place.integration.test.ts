import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { organization, type Scene, startScene } from "../../test/fleetScene.ts"
import { placeInstance } from "./place.ts"

const postgres = usePostgres()
let scene: Scene
beforeEach(async () => {
  scene = await startScene(await postgres().database(), 2)
}, 60_000)
afterEach(() => scene.stop(), 60_000)

const resources = { cpu: 0.1, memoryBytes: 2 ** 26, storageBytes: 2 ** 26 }

/** One more instance of a service, as if its organization had so many; nothing of it stays. */
const placeBeside = (name: string, instances: number) =>
  scene.run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{ service_id: never; deployment_id: never; worker_id: never }>`
        select p.service_id, p.deployment_id, p.worker_id from placement p join service s on s.id = p.service_id
        where s.name = ${name}`
      const { service_id, deployment_id, worker_id } = row!
      yield* sql`
        insert into placement (id, organization_id, service_id, deployment_id, slot, worker_id, state, reason)
        select 'plc_' || lpad(n::text, 24, '0'), ${organization.id}, ${service_id}, ${deployment_id}, 0, ${worker_id},
          'ended', 'deployment' from generate_series(2, ${instances}) as n`
      return yield* placeInstance({
        organizationId: organization.id,
        serviceId: service_id,
        deploymentId: deployment_id,
        slot: 1,
        resources,
        volume: null,
        reason: "deployment",
        replaces: null,
        avoid: [],
      }).pipe(
        Effect.as("placed"),
        Effect.catchTag("NoRoom", ({ reason }) => Effect.succeed(reason)),
        Effect.flatMap((outcome) => Effect.fail({ outcome })),
      )
    })
      .pipe((all) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(all)))
      .pipe(Effect.flip),
  )

describe("an organization's network", () => {
  it("gets no more instances than Swarm has addresses for", async () => {
    await scene.deploy("web")
    expect(await placeBeside("web", 199)).toEqual({ outcome: "placed" })
    expect(await placeBeside("web", 200)).toEqual({
      outcome:
        "The organization's network has 203 addresses for its instances; 200 instances on 1 workers use them.",
    })
  })
})
