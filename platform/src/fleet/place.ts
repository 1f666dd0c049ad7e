import type { DeploymentId, OrganizationId, PlacementId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import type { Resources } from "@skypanel/contract/Resources"
import type { Volume } from "@skypanel/contract/Volume"
import { Effect, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { whyNoAddress } from "../domain/networkAddresses.ts"
import { choosePlacement } from "../domain/workers/choosePlacement.ts"
import type { PlacementReason } from "../domain/workers/moves.ts"
import { candidatesFor, insertPlacement, lockPlacing } from "../store/Placements.ts"

/** No worker can take it now; `reason` is a sentence for people. `mayPass`: there is none at all, or not the one. */
export class NoRoom extends Schema.TaggedError<NoRoom>()("NoRoom", {
  reason: Schema.String,
  mayPass: Schema.Boolean,
}) {}

export interface ToPlace {
  readonly organizationId: OrganizationId
  readonly serviceId: ServiceId
  readonly deploymentId: DeploymentId
  readonly slot: number
  readonly resources: Resources
  readonly volume: Volume | null
  readonly reason: PlacementReason
  readonly replaces: PlacementId | null
  readonly avoid: ReadonlyArray<WorkerId>
}

/** What is on an organization's network, as far as it may still have an address there. */
const networkUse = (organization: OrganizationId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ instances: bigint; workers: bigint }>`
        select count(*) as instances, count(distinct worker_id) as workers from placement
        where organization_id = ${organization} and not gone`,
      (rows) => ({ instances: Number(rows[0]?.instances ?? 0), workers: Number(rows[0]?.workers ?? 0) }),
    ),
  )

/** Where the service's data is; null when it has none yet, or its worker was removed. */
const volumeWorker = (service: ServiceId) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ id: WorkerId; name: string; takes_new: boolean; leaves: boolean }>`
        select w.id, w.name, w.takes_new, w.silent_since is not null or w.availability <> 'active' as leaves
        from service s join worker w on w.id = s.volume_worker_id
        where s.id = ${service} and w.removed_at is null`,
      (rows) => rows[0] ?? null,
    ),
  )

/** The one worker that a service with data may run on; null: any will do. */
const boundTo = (of: ToPlace) =>
  Effect.gen(function* () {
    if (of.volume === null) return null
    const home = yield* volumeWorker(of.serviceId)
    if (home === null || home.takes_new) return home?.id ?? null
    if (of.volume.whenWorkerIsLost === "start-empty" && home.leaves) return null
    return yield* new NoRoom({
      reason: `Its data is on ${home.name}, which takes no services now.`,
      mayPass: true,
    })
  })

/** Chooses the worker of one instance and writes it down: both or neither, and one at a time. */
export const placeInstance = (of: ToPlace) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* lockPlacing
        const full = whyNoAddress(yield* networkUse(of.organizationId))
        if (full !== null) return yield* new NoRoom({ reason: full, mayPass: false })
        const bound = yield* boundTo(of)
        const candidates = yield* candidatesFor(of.serviceId)
        const allowed = bound === null ? candidates : candidates.filter(({ id }) => id === bound)
        const chosen = choosePlacement(allowed, of.resources, new Set(of.avoid))
        if (Result.isFailure(chosen))
          return yield* new NoRoom({ reason: chosen.failure, mayPass: allowed.length === 0 })
        const workerId = chosen.success
        if (of.volume !== null)
          yield* sql`update service set volume_worker_id = ${workerId} where id = ${of.serviceId}`
        return yield* insertPlacement({ ...of, workerId })
      }),
    )
  })
