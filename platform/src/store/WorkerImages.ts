import type { ServiceId, WorkerId } from "@skypanel/contract/Id"
import type { ImagesObserved, WorkerImages } from "@skypanel/contract/WorkerImages"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

interface ServiceName {
  readonly id: ServiceId
  readonly name: string
  readonly organization: string
}

/** What it said last of the platform's images there; null: nothing. */
export const viewWorkerImages = (worker: WorkerId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ images: ImagesObserved | null }>`
      select images from worker_report where worker_id = ${worker}`
    if (!row?.images) return null
    const { removed, ...images } = row.images
    const ids = removed.map(({ serviceId }) => serviceId)
    const services =
      ids.length === 0
        ? []
        : yield* sql<ServiceName>`
            select id, name, organization_slug as organization from service where ${sql.in("id", ids)}`
    return {
      ...images,
      removed: removed.map(({ serviceId, ...one }) => {
        const service = services.find(({ id }) => id === serviceId)
        return { ...one, service: service?.name ?? null, organization: service?.organization ?? null }
      }),
    } satisfies WorkerImages
  })
