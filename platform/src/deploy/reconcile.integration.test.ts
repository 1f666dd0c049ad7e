import type { PlacementId, WorkerId } from "@skypanel/contract/Id"
import { Effect, Layer, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { storeFor } from "../../test/store.ts"
import { RegistryCredential } from "../artifacts/RegistryCredential.ts"
import { readDesired } from "../fleet/Desired.ts"
import { Orchestrator, type Placed } from "../orchestrator/Orchestrator.ts"
import { Sealing } from "../sealing/Sealing.ts"
import { reconcileAll, reconcileUnsettled } from "./Reconciler.ts"

// What is done about workloads: by a look at everything, and by one at what goes on alone.

const id = (kind: string, number: number) => `${kind}_${String(number).padStart(24, "0")}`
const placementId = (number: number) => id("plc", number) as PlacementId

/** An orchestrator that has these, and notes what it is asked. */
let there = new Map<PlacementId, Placed>()
let asked: Array<string> = []
const orchestrator = Orchestrator.of({
  run: ({ placementId }) => Effect.sync(() => void asked.push(`run ${placementId}`)),
  progress: () => Effect.die("nobody asks for it here"),
  remove: (id) => Effect.sync(() => void asked.push(`remove ${id}`)),
  list: Effect.sync(() => {
    asked.push("list")
    return Array.from(there.values())
  }),
  find: (ids) => Effect.sync(() => ids.flatMap((id) => there.get(id) ?? [])),
  keepNetworks: () => Effect.void,
})
const credential = { forRepository: () => ({ username: "u", password: "p" }) } as never

const postgres = usePostgres()
let runtime: ManagedRuntime.ManagedRuntime<unknown, never>
const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> => runtime.runPromise(effect as never)
const sql = (statement: string) => run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)))

const placed = (number: number, nodeId = "node-1"): Placed => ({
  placementId: placementId(number),
  deploymentId: id("dep", 1) as never,
  serviceId: id("svc", 1) as never,
  organizationId: id("org", 1) as never,
  nodeId,
})
const has = (...all: ReadonlyArray<Placed>) => {
  there = new Map(all.map((one) => [one.placementId, one]))
}
const place = (number: number, state: string, more = "") =>
  sql(`insert into placement (id, organization_id, service_id, deployment_id, slot, worker_id, state, reason, ended_at)
    values ('${placementId(number)}', '${id("org", 1)}', '${id("svc", 1)}', '${id("dep", 1)}', ${number},
      '${id("wrk", 1)}', '${state}', 'deployment', ${more || "null"})`)

beforeAll(async () => {
  runtime = ManagedRuntime.make(
    Layer.mergeAll(
      storeFor(await postgres().database()),
      Layer.succeed(Orchestrator, orchestrator),
      Layer.succeed(RegistryCredential, credential),
      Sealing.layerForgetful,
    ) as never,
  )
  const configuration = `'{}', '{}', '{"cpu":1,"memoryBytes":1,"storageBytes":1}', 3000`
  const columns = "source, environment, resources, port"
  await sql(`insert into worker (id, name, node_id) values ('${id("wrk", 1)}', 'one', 'node-1')`)
  await sql(`insert into service (id, organization_id, organization_slug, name, host, ${columns})
    values ('${id("svc", 1)}', '${id("org", 1)}', 'acme', 'web', 'web.localhost', ${configuration})`)
  await sql(`insert into release (id, organization_id, service_id, number, image_digest, image_bytes, store_path, command, ${columns})
    values ('${id("rel", 1)}', '${id("org", 1)}', '${id("svc", 1)}', 1, 'sha256:0', 1, '/nix/store/x', '[]', ${configuration})`)
  await sql(`insert into deployment (id, organization_id, service_id, number, trigger, release_id, ${columns})
    values ('${id("dep", 1)}', '${id("org", 1)}', '${id("svc", 1)}', 1, 'created', '${id("rel", 1)}', ${configuration})`)
})
afterAll(() => runtime?.dispose())
beforeEach(async () => {
  await sql("delete from placement")
  has()
  asked = []
})

describe("a look at what goes on", () => {
  it("starts what is starting and not there, and ends what has ended and is", async () => {
    await place(1, "starting")
    await place(2, "starting")
    await place(3, "leaving")
    await place(4, "ended", "now()")
    has(placed(2), placed(3), placed(4))
    await run(reconcileUnsettled)
    expect(asked.toSorted()).toEqual([`remove ${placementId(4)}`, `run ${placementId(1)}`])
  })

  it("starts anew what is bound to a node that its worker is not any more", async () => {
    await place(1, "starting")
    has(placed(1, "node-of-before"))
    await run(reconcileUnsettled)
    expect(asked).toEqual([`remove ${placementId(1)}`, `run ${placementId(1)}`])
  })

  it("starts what has a volume once that is ready for who it runs as", async () => {
    await sql(`update deployment set volume = '{"path":"/data","sizeBytes":1,"whenWorkerIsLost":"wait"}'`)
    await sql(`update release set image_settings = '{"user":"1001","writable":[]}'`)
    await sql(`update service set volume = '{"sizeBytes":1}', volume_worker_id = '${id("wrk", 1)}'`)
    await place(1, "starting")
    const [worker, service] = [id("wrk", 1) as WorkerId, id("svc", 1)]
    const { volumes } = await run(readDesired([worker], 3))
    expect(volumes(worker)).toEqual([{ serviceId: service, sizeBytes: 1, owner: { uid: 1001, gid: 1001 } }])
    const report = (volumes: string, owners: string) =>
      sql(`insert into worker_report (worker_id, volumes, volume_owners) values ('${worker}', '${volumes}', '${owners}')
        on conflict (worker_id) do update set volumes = excluded.volumes, volume_owners = excluded.volume_owners`)
    await report("[]", "{}")
    await run(reconcileUnsettled)
    await report(`["${service}"]`, `{"${service}":65534}`)
    await run(reconcileUnsettled)
    expect(asked).toEqual([])
    await report(`["${service}"]`, `{"${service}":1001}`)
    await run(reconcileUnsettled)
    // An agent of before does not say whose it is.
    await report(`["${service}"]`, "{}")
    await run(reconcileUnsettled)
    expect(asked).toEqual([`run ${placementId(1)}`, `run ${placementId(1)}`])
    await sql("update deployment set volume = null")
  })

  it("asks for nothing when nothing goes on, and never for everything", async () => {
    await place(1, "serving")
    await place(2, "ended", "now() - interval '1 hour'")
    has(placed(2), placed(3))
    await run(reconcileUnsettled)
    expect(asked).toEqual([])
  })
})

describe("a look at everything", () => {
  it("finds what nobody said: what is missing, what is nobody's, and what is elsewhere", async () => {
    await place(1, "serving")
    await place(2, "serving")
    await place(3, "ended", "now() - interval '1 hour'")
    has(placed(2, "node-of-before"), placed(3), placed(4))
    await run(reconcileAll)
    expect(asked[0]).toBe("list")
    expect(asked.slice(1).toSorted()).toEqual([
      ...[2, 3, 4].map((number) => `remove ${placementId(number)}`),
      ...[1, 2].map((number) => `run ${placementId(number)}`),
    ])
  })
})
